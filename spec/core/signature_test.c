#include "support/memory.h"

/* HMAC-SHA256 of "conn-1", computed with Python's hmac module and the openssl command. */
#define FIRST "261f7f58ff9fb9bb8be7e4951a807fe6091e5c074885bf63b865eccd28728881"
#define SECOND "c19884d8c30c1eaa8779c3cc59ef2d45cd1d2b467d71b36289a0dd6acf72d470"

static const unsigned char macs[2][WPS_MAC_SIZE] = {
    {0x26, 0x1f, 0x7f, 0x58, 0xff, 0x9f, 0xb9, 0xbb, 0x8b, 0xe7, 0xe4, 0x95, 0x1a, 0x80, 0x7f, 0xe6,
     0x09, 0x1e, 0x5c, 0x07, 0x48, 0x85, 0xbf, 0x63, 0xb8, 0x65, 0xec, 0xcd, 0x28, 0x72, 0x88, 0x81},
    {0xc1, 0x98, 0x84, 0xd8, 0xc3, 0x0c, 0x1e, 0xaa, 0x87, 0x79, 0xc3, 0xcc, 0x59, 0xef, 0x2d, 0x45,
     0xcd, 0x1d, 0x2b, 0x46, 0x7d, 0x71, 0xb3, 0x62, 0x89, 0xa0, 0xdd, 0x6a, 0xcf, 0x72, 0xd4, 0x70},
};

static void constant_time_comparison_compares(void **state)
{
    char a[64] = {0}, b[64] = {0};
    size_t i;

    (void)state;
    assert_int_equal(wps_constant_time_equal(VIEW(""), VIEW("")), 1);
    assert_int_equal(wps_constant_time_equal(VIEW("a"), VIEW("")), 0);
    assert_int_equal(wps_constant_time_equal((wps_view){a, 64}, (wps_view){b, 64}), 1);
    for (i = 0; i < 64 * 8; i++) {
        b[i / 8] = (char)(1U << (i % 8));
        assert_int_equal(wps_constant_time_equal((wps_view){a, 64}, (wps_view){b, 64}), 0);
        b[i / 8] = 0;
    }
}

/* Contract: a receiver accepts if any entry matches any of its keys. */
static void any_entry_may_match_any_key(void **state)
{
    static const wps_view headers[] = {
        VIEW("sha256=" FIRST),
        VIEW("sha256=" SECOND),
        VIEW("sha256=" FIRST ",sha256=" SECOND),
        VIEW("sha256=" SECOND ", sha256=" FIRST),
        VIEW("sha256=0000000000000000000000000000000000000000000000000000000000000000,sha256=" SECOND),
        VIEW(" sha256=261F7F58FF9FB9BB8BE7E4951A807FE6091E5C074885BF63B865ECCD28728881 "),
        VIEW("sha512=00,sha256=" FIRST),
        VIEW(",,sha256=" FIRST ","),
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(headers); i++)
        assert_row(wps_signature_check(headers[i], macs, 2) == WPS_OK, headers[i].data);
    assert_status(wps_signature_check(VIEW("sha256=" SECOND), macs, 1), WPS_BAD_SIGNATURE);
    assert_status(wps_signature_check(VIEW("sha256=" SECOND), macs + 1, 1), WPS_OK);
}

static void anything_else_is_a_bad_signature(void **state)
{
    static const wps_view headers[] = {
        VIEW(""),
        VIEW(","),
        VIEW("sha256="),
        VIEW(FIRST),
        VIEW("SHA256=" FIRST),
        VIEW("sha256:" FIRST),
        VIEW("sha256=" FIRST "0"),
        VIEW("sha256= " FIRST),
        VIEW("sha256=261f7f58ff9fb9bb8be7e4951a807fe6091e5c074885bf63b865eccd2872888"),
        VIEW("sha256=g61f7f58ff9fb9bb8be7e4951a807fe6091e5c074885bf63b865eccd28728881"),
        VIEW("sha256=" FIRST ";sha256=" SECOND),
        VIEW("sha256=" FIRST "\0"),
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(headers); i++)
        assert_row(wps_signature_check(headers[i], macs, 2) == WPS_BAD_SIGNATURE, headers[i].data);
    assert_status(wps_signature_check(VIEW("sha256=" FIRST), macs, 0), WPS_BAD_SIGNATURE);
}

static void check_damage(wps_view text, void *context)
{
    int *accepted = context;
    *accepted += wps_signature_check(text, macs, 1) == WPS_OK;
}

static void of_all_damages_only_the_letter_case_of_a_digit_is_forgiven(void **state)
{
    static const char valid[] = "sha256=" FIRST;
    int accepted = 0, letters = 0, digits = 0;
    size_t i;

    (void)state;
    for (i = 7; i < sizeof valid - 1; i++) {
        letters += valid[i] >= 'a';
        digits++;
    }
    for_each_damage(VIEW("sha256=" FIRST), check_damage, &accepted);
    /* once per place with its own byte, once for each letter in upper case, once untouched */
    assert_int_equal(accepted, 7 + digits + letters + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_time_comparison_compares),
        cmocka_unit_test(any_entry_may_match_any_key),
        cmocka_unit_test(anything_else_is_a_bad_signature),
        cmocka_unit_test(of_all_damages_only_the_letter_case_of_a_digit_is_forgiven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
