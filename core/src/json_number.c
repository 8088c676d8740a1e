#include "json.h"

#include "view.h"

/* Not strtod, whose decimal point depends on the locale. Exact for the whole numbers that dates are. */

typedef struct digits {
    wps_view text;
    size_t at;
} digits;

static int take(digits *d, char c)
{
    if (d->at >= d->text.size || wps_lower(d->text.data[d->at]) != c)
        return 0;
    d->at++;
    return 1;
}

static int take_digit(digits *d, int *digit)
{
    if (d->at >= d->text.size || !wps_is_digit(d->text.data[d->at]))
        return 0;
    *digit = d->text.data[d->at++] - '0';
    return 1;
}

static int exponent_of(digits *d)
{
    int negative, exponent = 0, digit;

    if (!take(d, 'e'))
        return 0;
    negative = take(d, '-');
    take(d, '+');
    while (take_digit(d, &digit))
        exponent = exponent < 10000 ? exponent * 10 + digit : exponent;
    return negative ? -exponent : exponent;
}

static double scaled(double number, int exponent)
{
    for (; exponent > 0 && number < 1e300; exponent--)
        number *= 10;
    for (; exponent < 0 && number > 1e-300; exponent++)
        number /= 10;
    return number;
}

int wps_json_number_of(wps_view value, double *number)
{
    digits d = {value, 0};
    int negative = take(&d, '-'), digit, places = 0;

    if (d.at >= value.size || !wps_is_digit(value.data[d.at]))
        return 0;
    *number = 0;
    while (take_digit(&d, &digit))
        *number = *number * 10 + digit;
    if (take(&d, '.'))
        for (; take_digit(&d, &digit); places++)
            *number = *number * 10 + digit;
    *number = scaled(*number, exponent_of(&d) - places);
    if (negative)
        *number = -*number;
    return 1;
}
