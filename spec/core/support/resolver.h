/* A getaddrinfo of the test program, which libcurl calls instead of libc's: names under "slow.test" wait, all other
 * names under "test" do not exist, and everything else goes to libc. No test asks the network for a name. */
#ifndef WPS_TEST_RESOLVER_H
#define WPS_TEST_RESOLVER_H

/* Makes names under "slow.test" wait until resolver_release. */
void resolver_hold(void);
/* Lets them go on, and waits until no look-up is under way. */
void resolver_release(void);
/* How many look-ups under "slow.test" began. */
int resolver_slow_count(void);

#endif
