#include "support/memory.h"

#include "../../core/src/encode.h"

typedef struct pair {
    wps_view plain, encoded;
} pair;

/* RFC 4648 section 10 */
static const pair base64[] = {
    {VIEW(""), VIEW("")},
    {VIEW("f"), VIEW("Zg==")},
    {VIEW("fo"), VIEW("Zm8=")},
    {VIEW("foo"), VIEW("Zm9v")},
    {VIEW("foob"), VIEW("Zm9vYg==")},
    {VIEW("fooba"), VIEW("Zm9vYmE=")},
    {VIEW("foobar"), VIEW("Zm9vYmFy")},
    {VIEW("\xFB\xEF\xBE\xFF\xFF\xFF"), VIEW("++++////")},
    {VIEW("\x14\xFB\x9C\x03\xD9\x7E"), VIEW("FPucA9l+")}, /* RFC 3548 section 7 */
    {VIEW("\0"), VIEW("AA==")},
};

/* RFC 7515 appendix C, and the alphabet of RFC 4648 section 5 */
static const pair base64url[] = {
    {VIEW(""), VIEW("")},        {VIEW("\x03\xEC\xFF\xE0\xC1"), VIEW("A-z_4ME")},
    {VIEW("f"), VIEW("Zg")},     {VIEW("fo"), VIEW("Zm8")},
    {VIEW("foo"), VIEW("Zm9v")}, {VIEW("\xFB\xEF\xBE\xFF\xFF\xFF"), VIEW("----____")},
};

static void base64_follows_the_rfc_vectors_both_ways(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(base64); i++) {
        assert_text(wps_base64_encode, base64[i].plain, base64[i].encoded);
        assert_text(wps_base64_decode, base64[i].encoded, base64[i].plain);
    }
}

static void base64url_follows_the_rfc_vectors_both_ways(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(base64url); i++) {
        assert_text(wps_base64url_encode, base64url[i].plain, base64url[i].encoded);
        assert_text(wps_base64url_decode, base64url[i].encoded, base64url[i].plain);
    }
}

static void base64_refuses_everything_that_is_not_canonical(void **state)
{
    static const wps_view texts[] = {
        VIEW("Z"),        VIEW("Zg"),       VIEW("Zg="),  VIEW("Zg==="),  VIEW("===="),    VIEW("="),
        VIEW("Zm9v===="), VIEW("Zg==Zg=="), VIEW("Z=g="), VIEW("Zm9v\n"), VIEW("Zm 9"),    VIEW("Zm9-"),
        VIEW("Zm9_"),     VIEW("Zh=="),     VIEW("Zm9="), VIEW("Zm9\0"),  VIEW("Zm9\xC3"), VIEW(" Zm9"),
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        assert_text_malformed(wps_base64_decode, texts[i]);
}

static void base64url_refuses_padding_foreign_characters_and_loose_bits(void **state)
{
    static const wps_view texts[] = {
        VIEW("Z"),    VIEW("Zg=="), VIEW("Zm8="), VIEW("Zm9vZ"),    VIEW("Zm9+"),
        VIEW("Zm9/"), VIEW("Zh"),   VIEW("Zm9"),  VIEW("Zm9v\r\n"), VIEW("Zm9\0"),
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        assert_text_malformed(wps_base64url_decode, texts[i]);
}

static void every_length_survives_the_round_trip(void **state)
{
    char plain[67], encoded[92], back[67];
    size_t size, encoded_size, back_size, i;

    (void)state;
    for (size = 0; size <= sizeof plain; size++) {
        for (i = 0; i < size; i++)
            plain[i] = (char)(i * 37 + size);
        assert_status(wps_base64url_encode((wps_view){plain, size}, encoded, sizeof encoded, &encoded_size), WPS_OK);
        assert_status(wps_base64url_decode((wps_view){encoded, encoded_size}, back, sizeof back, &back_size), WPS_OK);
        assert_view_equal(((wps_view){back, back_size}), ((wps_view){plain, size}));
    }
}

static void base64url_may_be_encoded_in_place_from_the_end_of_its_room(void **state)
{
    char room[92], expected[92];
    size_t size, encoded_size;

    (void)state;
    for (size = 0; size <= 67; size++) {
        encoded_size = wps_base64url_size(size);
        memset(room, 0x5A, sizeof room);
        assert_status(wps_base64url_encode((wps_view){room, size}, expected, sizeof expected, &encoded_size), WPS_OK);
        wps_base64url_put(room + encoded_size - size, size, room);
        assert_view_equal(((wps_view){room, encoded_size}), ((wps_view){expected, encoded_size}));
    }
}

/* RFC 3986 section 2.3 */
static void percent_encoding_leaves_unreserved_characters_and_no_others(void **state)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    int byte;

    (void)state;
    for (byte = 0; byte < 256; byte++) {
        char in = (char)byte, escape[4];
        wps_view expected = {&in, 1};
        if (byte == 0 || !strchr(unreserved, byte)) {
            snprintf(escape, sizeof escape, "%%%02X", (unsigned)byte);
            expected = (wps_view){escape, 3};
        }
        assert_text(wps_percent_encode, (wps_view){&in, 1}, expected);
        assert_text(wps_percent_decode, expected, (wps_view){&in, 1});
    }
}

static void percent_decoding_takes_one_round_and_leaves_a_plus(void **state)
{
    (void)state;
    assert_text(wps_percent_decode, VIEW("a%252Fb+c%c3%A9"), VIEW("a%2Fb+c\xC3\xA9"));
    assert_text(wps_percent_decode, VIEW(""), VIEW(""));
}

static void percent_decoding_refuses_half_an_escape(void **state)
{
    static const wps_view texts[] = {VIEW("%"),   VIEW("%4"),   VIEW("a%"),  VIEW("%4g"),
                                     VIEW("%G4"), VIEW("%%20"), VIEW("% 20")};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        assert_text_malformed(wps_percent_decode, texts[i]);
}

static void decode_all(wps_view text, void *context)
{
    char out[64];
    size_t needed;

    (void)context;
    (void)wps_base64_decode(text, out, sizeof out, &needed);
    (void)wps_base64url_decode(text, out, sizeof out, &needed);
    (void)wps_percent_decode(text, out, sizeof out, &needed);
}

static void damaged_text_is_never_read_past_its_end(void **state)
{
    (void)state;
    for_each_damage(VIEW("Zm9vYmE="), decode_all, NULL);
    for_each_damage(VIEW("a%2Fb%25c"), decode_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_follows_the_rfc_vectors_both_ways),
        cmocka_unit_test(base64url_follows_the_rfc_vectors_both_ways),
        cmocka_unit_test(base64_refuses_everything_that_is_not_canonical),
        cmocka_unit_test(base64url_refuses_padding_foreign_characters_and_loose_bits),
        cmocka_unit_test(every_length_survives_the_round_trip),
        cmocka_unit_test(base64url_may_be_encoded_in_place_from_the_end_of_its_room),
        cmocka_unit_test(percent_encoding_leaves_unreserved_characters_and_no_others),
        cmocka_unit_test(percent_decoding_takes_one_round_and_leaves_a_plus),
        cmocka_unit_test(percent_decoding_refuses_half_an_escape),
        cmocka_unit_test(damaged_text_is_never_read_past_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
