/* Numbers as JSON text, independent of the locale. */
#ifndef LWPS_NUMBER_H
#define LWPS_NUMBER_H

#include <stddef.h>

#define LWPS_NUMBER_SIZE 40

/* ECMAScript Number::toString (ECMA-262 section 6.1.6.1.20): the fewest digits that read back as the same double, an
 * integral value without point or exponent below 1e21. `value` is finite; -0 becomes "0". Returns the number of bytes
 * written. */
size_t lwps_write_double(double value, char out[LWPS_NUMBER_SIZE]);

size_t lwps_write_integer(long long value, char out[LWPS_NUMBER_SIZE]);

#endif
