#include "test.h"

static void print_bytes(const char *label, wps_view text)
{
    size_t i;

    fprintf(stderr, "%s (%zu): ", label, text.size);
    for (i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte >= 0x20 && byte < 0x7F)
            fputc(byte, stderr);
        else
            fprintf(stderr, "\\x%02x", byte);
    }
    fputc('\n', stderr);
}

void assert_view_equal_at(wps_view actual, wps_view expected, const char *file, int line)
{
    if (actual.size == expected.size && (actual.size == 0 || memcmp(actual.data, expected.data, actual.size) == 0))
        return;
    print_bytes("actual  ", actual);
    print_bytes("expected", expected);
    _fail(file, line);
}

void assert_text(text_function function, wps_view in, wps_view expected)
{
    size_t needed = 0;
    char *out = malloc(expected.size + 1);

    assert_non_null(out);
    assert_status(function(in, NULL, 0, &needed), expected.size > 0 ? WPS_BUFFER_TOO_SMALL : WPS_OK);
    assert_int_equal(needed, expected.size);
    if (expected.size > 0)
        assert_status(function(in, out, expected.size - 1, &needed), WPS_BUFFER_TOO_SMALL);
    out[expected.size] = '#';
    assert_status(function(in, out, expected.size, &needed), WPS_OK);
    assert_view_equal(((wps_view){out, needed}), expected);
    assert_int_equal(out[expected.size], '#');
    free(out);
}

void assert_text_malformed(text_function function, wps_view in)
{
    size_t needed;
    char *out = malloc(in.size * 6 + 1);

    assert_non_null(out);
    if (function(in, out, in.size * 6, &needed) != WPS_MALFORMED) {
        print_bytes("accepted", in);
        fail();
    }
    free(out);
}
