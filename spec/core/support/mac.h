/* A wps_mac without crypto, for tests of what surrounds it. */
#ifndef WPS_TEST_MAC_H
#define WPS_TEST_MAC_H

#include "test.h"

/* Answers the same 32 bytes for everything. */
extern const wps_mac constant_mac;
/* Always answers WPS_CRYPTO_FAILED with the sentence "no". */
extern const wps_mac failing_mac;

#endif
