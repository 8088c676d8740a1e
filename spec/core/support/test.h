/* What every test of the C core begins with. */
#ifndef WPS_TEST_H
#define WPS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <webpubsub/core.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
/* A string literal that may contain NUL. */
#define VIEW(literal) ((wps_view){(literal), sizeof(literal) - 1})

#define assert_status(actual, expected) assert_string_equal(wps_status_name(actual), wps_status_name(expected))

#define assert_view_equal(actual, expected) assert_view_equal_at((actual), (expected), __FILE__, __LINE__)
/* Compares bytes; a mismatch is printed and fails the test at the caller's line. */
void assert_view_equal_at(wps_view actual, wps_view expected, const char *file, int line);

/* Fails with the name of the table's row. */
#define assert_row(condition, row)                                                                                     \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            fail_msg("row \"%s\": %s", (row), #condition);                                                             \
    } while (0)

/* A text function of core.h: (view in, out, capacity, needed). */
typedef wps_status (*text_function)(wps_view in, char *out, size_t capacity, size_t *needed);

/* Runs the function into exactly as much memory as it asks for and compares. Also that measuring agrees, and that one
 * byte less is refused. */
void assert_text(text_function function, wps_view in, wps_view expected);
void assert_text_malformed(text_function function, wps_view in);

#endif
