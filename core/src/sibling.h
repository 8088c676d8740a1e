/* WPS_SIBLING marks private functions that the sibling libraries (openssl, curl, process) call across a shared
 * library's border. Their headers are not installed and promise nothing to users. */
#ifndef WPS_SIBLING_H
#define WPS_SIBLING_H

#include <webpubsub/core.h>

#define WPS_SIBLING WPS_API

#endif
