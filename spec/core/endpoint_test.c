#include "support/memory.h"

typedef struct row {
    const char *text;
    int port;
    const char *normal;
} row;

static const row rows[] = {
    {"http://host", 8080, "http://host:8080"}, /* contract: resulting endpoint examples */
    {"http://host", 0, "http://host"},
    {"http://localhost:8080", 0, "http://localhost:8080"},
    {"HTTPS://Name.WebPubSub.Azure.COM", 0, "https://name.webpubsub.azure.com"},
    {"name.webpubsub.azure.com", 0, "https://name.webpubsub.azure.com"},
    {"Host:8443/Path", 0, "https://host:8443/Path"},
    {"https://h:443", 0, "https://h"},
    {"http://h:80/", 0, "http://h"},
    {"http://h:443", 0, "http://h:443"},
    {"https://h:80", 0, "https://h:80"},
    {"https://h:8443", 443, "https://h"},
    {"https://h:1", 65535, "https://h:65535"},
    {"https://h/", 0, "https://h"},
    {"https://h///", 0, "https://h"},
    {"https://h/a/B//", 0, "https://h/a/B"},
    {"https://h/%7Ea/x@y:z", 0, "https://h/%7Ea/x@y:z"},
    {"https://h/a...b/.c", 0, "https://h/a...b/.c"},
    {"https://h/...", 0, "https://h/..."},
    {"http://[::1]:8080/", 0, "http://[::1]:8080"},
    {"http://[FE80::A]", 9, "http://[fe80::a]:9"},
    {"http://127.0.0.1:080", 0, "http://127.0.0.1"},
    {"a/http://b", 0, "https://a/http://b"},
};

static void an_endpoint_has_one_normal_form(void **state)
{
    char out[256];
    size_t needed, i;
    wps_error error;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++) {
        if (wps_endpoint_normalize(wps_view_of(rows[i].text), rows[i].port, out, sizeof out, &needed, &error) != WPS_OK)
            fail_msg("%s: %s", rows[i].text, error.message);
        assert_view_equal(((wps_view){out, needed}), wps_view_of(rows[i].normal));
    }
}

static void the_normal_form_stays_as_it_is(void **state)
{
    char out[256];
    size_t needed, i;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++) {
        assert_status(wps_endpoint_normalize(wps_view_of(rows[i].normal), 0, out, sizeof out, &needed, NULL), WPS_OK);
        assert_view_equal(((wps_view){out, needed}), wps_view_of(rows[i].normal));
    }
}

static void the_needed_size_is_told(void **state)
{
    char out[13];
    size_t needed;

    (void)state;
    assert_status(wps_endpoint_normalize(VIEW("HTTP://H:8080/"), 0, NULL, 0, &needed, NULL), WPS_BUFFER_TOO_SMALL);
    assert_int_equal(needed, 13);
    assert_status(wps_endpoint_normalize(VIEW("HTTP://H:8080/"), 0, out, 12, &needed, NULL), WPS_BUFFER_TOO_SMALL);
    assert_status(wps_endpoint_normalize(VIEW("HTTP://H:8080/"), 0, out, 13, &needed, NULL), WPS_OK);
}

static void what_could_mean_something_else_is_refused(void **state)
{
    static const wps_view texts[] = {
        VIEW(""),
        VIEW("http://"),
        VIEW("https:///path"),
        VIEW("/path"),
        VIEW("//host"),
        VIEW("http://:80"),
        VIEW("ftp://h"),
        VIEW("ws://h"),
        VIEW("wss://h"),
        VIEW("file:///etc"),
        VIEW("://h"),
        VIEW("httpx://h"),
        VIEW("http:/h"),
        VIEW("http://user@h"),
        VIEW("http://user:password@h"),
        VIEW("https://good.example@evil.example"),
        VIEW("http://h?a=b"),
        VIEW("http://h/#f"),
        VIEW("http://h/?"),
        VIEW("http://h#"),
        VIEW("http://h h"),
        VIEW(" http://h"),
        VIEW("http://h "),
        VIEW("http://h\n"),
        VIEW("http://h\r\nX: y"),
        VIEW("http://h\t"),
        VIEW("http://h\0"),
        VIEW("http://h\x7F"),
        VIEW("http://h\xC3\xA9"),
        VIEW("http://h:"),
        VIEW("http://h:0"),
        VIEW("http://h:65536"),
        VIEW("http://h:x"),
        VIEW("http://h:80:80"),
        VIEW("http://h:-1"),
        VIEW("http://h/."),
        VIEW("http://h/.."),
        VIEW("http://h/a/../b"),
        VIEW("http://h/./b"),
        VIEW("http://h/%2e"),
        VIEW("http://h/%2E%2e/b"),
        VIEW("http://h/.%2E"),
        VIEW("http://h/%2E./"),
        VIEW("http://h\\x"),
        VIEW("http://h/\\x"),
        VIEW("http://a%2Fb"),
        VIEW("http://h/<x>"),
        VIEW("http://h/\"x"),
        VIEW("http://[::1"),
        VIEW("http://[]"),
        VIEW("http://[g::]"),
        VIEW("http://::1"),
        VIEW("http://[::1]x"),
        VIEW("http://a[::1]"),
    };
    char out[256];
    size_t needed, i;
    wps_error error;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++) {
        error.message[0] = '\0';
        assert_row(wps_endpoint_normalize(texts[i], 0, out, sizeof out, &needed, &error) == WPS_INVALID_ARGUMENT,
                   texts[i].data);
        assert_row(strncmp(error.message, "the endpoint ", 13) == 0, texts[i].data);
    }
}

static void a_port_outside_the_range_is_refused(void **state)
{
    char out[64];
    size_t needed;

    (void)state;
    assert_status(wps_endpoint_normalize(VIEW("http://h"), -1, out, sizeof out, &needed, NULL), WPS_INVALID_ARGUMENT);
    assert_status(wps_endpoint_normalize(VIEW("http://h"), 65536, out, sizeof out, &needed, NULL),
                  WPS_INVALID_ARGUMENT);
}

static void normalize(wps_view text, void *context)
{
    char out[256];
    size_t needed;

    (void)context;
    (void)wps_endpoint_normalize(text, 0, out, sizeof out, &needed, NULL);
}

static void damaged_endpoints_are_never_read_past_their_end(void **state)
{
    (void)state;
    for_each_damage(VIEW("https://Host:8443/a/%2Eb/"), normalize, NULL);
    for_each_damage(VIEW("http://[::1]:80"), normalize, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_has_one_normal_form),
        cmocka_unit_test(the_normal_form_stays_as_it_is),
        cmocka_unit_test(the_needed_size_is_told),
        cmocka_unit_test(what_could_mean_something_else_is_refused),
        cmocka_unit_test(a_port_outside_the_range_is_refused),
        cmocka_unit_test(damaged_endpoints_are_never_read_past_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
