#include "number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* value = 0.d1d2…dn * 10^point */
typedef struct decimal {
    char digits[20];
    int count;
    int point;
} decimal;

/* Text of printf's %e in, digits out; whatever the locale puts between the first two digits is passed over. */
static void read_scientific(const char *text, decimal *out)
{
    const char *exponent = strchr(text, 'e');
    out->count = 0;
    for (; text < exponent; text++)
        if (*text >= '0' && *text <= '9')
            out->digits[out->count++] = *text;
    while (out->count > 1 && out->digits[out->count - 1] == '0')
        out->count--;
    out->point = atoi(exponent + 1) + 1;
}

/* Adds one unit in the last place of %e text; 0 when the carry would change the exponent. */
static int increment(char *text)
{
    char *place = strchr(text, 'e');
    while (place-- > text) {
        if (*place < '0' || *place > '9')
            continue;
        if (*place < '9') {
            ++*place;
            return 1;
        }
        *place = '0';
    }
    return 0;
}

/* Below a power of two the doubles lie twice as dense as above it, so there the nearest 16-digit decimal may fail to
 * read back while its upper neighbour, still the shortest, succeeds. */
static int upper_neighbour_reads_back(double value, char *text)
{
    int exponent;
    return frexp(value, &exponent) == 0.5 && increment(text) && strtod(text, NULL) == value;
}

static void shortest(double value, decimal *out)
{
    char text[48];
    int places = value < DBL_MIN ? 0 : 14; /* below DBL_MIN fewer than 15 digits may be exact */
    for (; places <= 16; places++) {
        snprintf(text, sizeof text, "%.*e", places, value);
        if (strtod(text, NULL) == value || (places == 15 && upper_neighbour_reads_back(value, text)))
            break;
    }
    read_scientific(text, out);
}

static char *put(char *out, const char *text, int count)
{
    memcpy(out, text, (size_t)count);
    return out + count;
}

static char *put_zeros(char *out, int count)
{
    if (count <= 0)
        return out;
    memset(out, '0', (size_t)count);
    return out + count;
}

static char *put_plain(char *out, const decimal *number)
{
    int whole = number->count < number->point ? number->count : number->point;
    out = put(out, number->digits, whole);
    out = put_zeros(out, number->point - whole);
    if (whole < number->count) {
        *out++ = '.';
        out = put(out, number->digits + whole, number->count - whole);
    }
    return out;
}

static char *put_exponential(char *out, const decimal *number)
{
    *out++ = number->digits[0];
    if (number->count > 1) {
        *out++ = '.';
        out = put(out, number->digits + 1, number->count - 1);
    }
    return out + sprintf(out, "e%+d", number->point - 1);
}

size_t lwps_write_double(double value, char out[LWPS_NUMBER_SIZE])
{
    char *end = out;
    decimal number;
    if (value == 0)
        return lwps_write_integer(0, out);
    if (fabs(value) < 9007199254740992.0 && value == (double)(long long)value)
        return lwps_write_integer((long long)value, out);
    if (value < 0)
        *end++ = '-';
    shortest(fabs(value), &number);
    if (number.point > 0 && number.point <= 21) {
        end = put_plain(end, &number);
    } else if (number.point <= 0 && number.point > -6) {
        end = put_zeros(put(end, "0.", 2), -number.point);
        end = put(end, number.digits, number.count);
    } else {
        end = put_exponential(end, &number);
    }
    return (size_t)(end - out);
}

size_t lwps_write_integer(long long value, char out[LWPS_NUMBER_SIZE])
{
    char reversed[LWPS_NUMBER_SIZE];
    unsigned long long rest = value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
    size_t count = 0, size = 0;
    do {
        reversed[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        out[size++] = '-';
    while (count)
        out[size++] = reversed[--count];
    return size;
}
