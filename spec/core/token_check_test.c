#include "support/memory.h"

#define URL "http://localhost:8080/api/hubs/Chat/groups/a%20b"

static const wps_view accepted[] = {VIEW("https://other/"), VIEW(URL)};

static wps_token_rules rules_at(int64_t now)
{
    return (wps_token_rules){.now = now, .leeway = 300, .audiences = accepted, .audience_count = 2};
}

typedef struct row {
    const char *name;
    wps_view claims;
    wps_status expected;
} row;

static void assert_rows(const row *rows, size_t count, const wps_token_rules *rules)
{
    wps_error error;
    size_t i;

    for (i = 0; i < count; i++) {
        error.message[0] = '\0';
        assert_row(wps_token_check(rows[i].claims, rules, &error) == rows[i].expected, rows[i].name);
        assert_row(rows[i].expected == WPS_OK || error.status == rows[i].expected, rows[i].name);
        assert_row(strstr(error.message, "localhost") == NULL, rows[i].name);
    }
}

/* RFC 7519 sections 4.1.4 and 4.1.5; contract: five minutes of skew */
static void times_are_checked_with_leeway_on_both_sides(void **state)
{
    static const row rows[] = {
        {"far away", VIEW("{\"exp\":99999}"), WPS_OK},
        {"just before the end of leeway", VIEW("{\"exp\":9701}"), WPS_OK},
        {"at the end of leeway", VIEW("{\"exp\":9700}"), WPS_EXPIRED},
        {"fraction after it", VIEW("{\"exp\":9700.5}"), WPS_OK},
        {"exponent", VIEW("{\"exp\":1e5}"), WPS_OK},
        {"long ago", VIEW("{\"exp\":1}"), WPS_EXPIRED},
        {"negative", VIEW("{\"exp\":-1}"), WPS_EXPIRED},
        {"no exp", VIEW("{\"nbf\":1}"), WPS_EXPIRED},
        {"text", VIEW("{\"exp\":\"99999\"}"), WPS_MALFORMED},
        {"null", VIEW("{\"exp\":null}"), WPS_MALFORMED},
        {"huge", VIEW("{\"exp\":1e999}"), WPS_OK},
        {"nbf at the end of leeway", VIEW("{\"exp\":99999,\"nbf\":10300}"), WPS_OK},
        {"nbf after it", VIEW("{\"exp\":99999,\"nbf\":10301}"), WPS_NOT_YET_VALID},
        {"nbf text", VIEW("{\"exp\":99999,\"nbf\":\"1\"}"), WPS_MALFORMED},
        {"iat in the future does not matter", VIEW("{\"exp\":99999,\"iat\":88888}"), WPS_OK},
        {"exp written with an escape", VIEW("{\"\\u0065xp\":1}"), WPS_EXPIRED},
    };
    wps_token_rules rules = {.now = 10000, .leeway = 300};

    (void)state;
    assert_rows(rows, COUNT_OF(rows), &rules);
}

static void without_leeway_a_token_ends_at_exp(void **state)
{
    wps_token_rules rules = {.now = 10000};

    (void)state;
    assert_status(wps_token_check(VIEW("{\"exp\":10001}"), &rules, NULL), WPS_OK);
    assert_status(wps_token_check(VIEW("{\"exp\":10000}"), &rules, NULL), WPS_EXPIRED);
}

/* Contract: audience string; RFC 7519 section 4.1.3 */
static void the_audience_is_compared_without_case_decoded_or_not(void **state)
{
    static const row rows[] = {
        {"as it is", VIEW("{\"exp\":99999,\"aud\":\"" URL "\"}"), WPS_OK},
        {"other case", VIEW("{\"exp\":99999,\"aud\":\"HTTP://LOCALHOST:8080/api/hubs/chat/groups/A%20B\"}"), WPS_OK},
        {"decoded", VIEW("{\"exp\":99999,\"aud\":\"http://localhost:8080/api/hubs/Chat/groups/a b\"}"), WPS_OK},
        {"encoded once more", VIEW("{\"exp\":99999,\"aud\":\"http://localhost:8080/api/hubs/Chat/groups/a%2520b\"}"),
         WPS_OK},
        {"more of it encoded", VIEW("{\"exp\":99999,\"aud\":\"http://localhost:8080/api/hubs/%43hat/groups/a%20b\"}"),
         WPS_OK},
        {"encoded twice more", VIEW("{\"exp\":99999,\"aud\":\"http://localhost:8080/api/hubs/Chat/groups/a%252520b\"}"),
         WPS_WRONG_AUDIENCE},
        {"slashes escaped",
         VIEW("{\"exp\":99999,\"aud\":\"http:\\/\\/localhost:8080\\/api\\/hubs\\/Chat\\/groups\\/a%20b\"}"), WPS_OK},
        {"one of many", VIEW("{\"exp\":99999,\"aud\":[\"x\", 1, \"https://other/\"]}"), WPS_OK},
        {"none of many", VIEW("{\"exp\":99999,\"aud\":[\"x\",\"y\"]}"), WPS_WRONG_AUDIENCE},
        {"empty list", VIEW("{\"exp\":99999,\"aud\":[]}"), WPS_WRONG_AUDIENCE},
        {"nested list", VIEW("{\"exp\":99999,\"aud\":[[\"https://other/\"]]}"), WPS_WRONG_AUDIENCE},
        {"object", VIEW("{\"exp\":99999,\"aud\":{\"a\":\"https://other/\"}}"), WPS_WRONG_AUDIENCE},
        {"missing", VIEW("{\"exp\":99999}"), WPS_WRONG_AUDIENCE},
        {"empty", VIEW("{\"exp\":99999,\"aud\":\"\"}"), WPS_WRONG_AUDIENCE},
        {"prefix", VIEW("{\"exp\":99999,\"aud\":\"https://other\"}"), WPS_WRONG_AUDIENCE},
        {"longer", VIEW("{\"exp\":99999,\"aud\":\"https://other/x\"}"), WPS_WRONG_AUDIENCE},
        {"lone surrogate", VIEW("{\"exp\":99999,\"aud\":\"\\ud800\"}"), WPS_WRONG_AUDIENCE},
        {"number", VIEW("{\"exp\":99999,\"aud\":5}"), WPS_WRONG_AUDIENCE},
    };
    wps_token_rules rules = rules_at(10000);

    (void)state;
    assert_rows(rows, COUNT_OF(rows), &rules);
}

static void half_an_escape_in_an_audience_stands_for_itself(void **state)
{
    static const wps_view odd[] = {VIEW("http://h/100%"), VIEW("http://h/%zz")};
    wps_token_rules rules = {.now = 1, .audiences = odd, .audience_count = 2};

    (void)state;
    assert_status(wps_token_check(VIEW("{\"exp\":2,\"aud\":\"http://h/100%\"}"), &rules, NULL), WPS_OK);
    assert_status(wps_token_check(VIEW("{\"exp\":2,\"aud\":\"http://h/100%25\"}"), &rules, NULL), WPS_OK);
    assert_status(wps_token_check(VIEW("{\"exp\":2,\"aud\":\"http://h/%ZZ\"}"), &rules, NULL), WPS_OK);
}

static void claims_must_be_an_object_with_unique_names(void **state)
{
    static const row rows[] = {
        {"empty", VIEW(""), WPS_MALFORMED},
        {"array", VIEW("[]"), WPS_MALFORMED},
        {"number", VIEW("1"), WPS_MALFORMED},
        {"cut", VIEW("{\"exp\":1"), WPS_MALFORMED},
        {"exp twice", VIEW("{\"exp\":99999,\"exp\":99999}"), WPS_MALFORMED},
        {"exp twice, once escaped", VIEW("{\"exp\":1,\"\\u0065xp\":99999}"), WPS_MALFORMED},
        {"aud twice", VIEW("{\"exp\":99999,\"aud\":\"a\",\"aud\":\"https://other/\"}"), WPS_MALFORMED},
    };
    wps_token_rules rules = rules_at(10000);

    (void)state;
    assert_rows(rows, COUNT_OF(rows), &rules);
}

static wps_status check_once(void *context)
{
    wps_token_rules rules = rules_at(10000);

    (void)context;
    return wps_token_check(VIEW("{\"exp\":99999,\"aud\":[\"x\",\"" URL "\"]}"), &rules, NULL);
}

static void a_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_survives_failed_allocations(check_once, NULL);
}

static void check_damaged(wps_view text, void *context)
{
    wps_token_rules rules = rules_at(10000);

    (void)context;
    (void)wps_token_check(text, &rules, NULL);
}

static void damaged_claims_are_never_read_past_their_end(void **state)
{
    (void)state;
    for_each_damage(VIEW("{\"aud\":[\"http\\u003a%2F/h\"],\"nbf\":1.5,\"exp\":2e5}"), check_damaged, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_checked_with_leeway_on_both_sides),
        cmocka_unit_test(without_leeway_a_token_ends_at_exp),
        cmocka_unit_test(the_audience_is_compared_without_case_decoded_or_not),
        cmocka_unit_test(half_an_escape_in_an_audience_stands_for_itself),
        cmocka_unit_test(claims_must_be_an_object_with_unique_names),
        cmocka_unit_test(a_failed_allocation_is_reported),
        cmocka_unit_test(damaged_claims_are_never_read_past_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
