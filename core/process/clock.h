#ifndef WPS_PROCESS_CLOCK_H
#define WPS_PROCESS_CLOCK_H

#include <stdint.h>

/* Monotonic, ms; -1 stands for "without limit". */
int64_t wps_deadline_after(int64_t timeout_ms);
/* What is left until the deadline, at least 0; -1 without limit. */
int64_t wps_time_left(int64_t deadline);

#endif
