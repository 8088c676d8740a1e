#include "url.h"

#include "../src/view.h"

#include <string.h>

/* Longer texts are not kept beside libcurl's own copy. */
enum { KEPT_SIZE = 4096 };

static int is_set(const wps_url *url, wps_view text)
{
    return url->text.size > 0 && wps_view_equal((wps_view){url->text.data, url->text.size}, text);
}

/* The flags are those by which libcurl itself parses a text under our options, but for a scheme that is missing. */
static CURLUcode parse(wps_url *url, const char *text)
{
    if (!url->parts)
        url->parts = curl_url();
    if (!url->parts)
        return CURLUE_OUT_OF_MEMORY;
    return curl_url_set(url->parts, CURLUPART_URL, text, CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME);
}

static CURLcode set_text(CURL *curl, const char *text)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_CURLU, NULL);
    return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_URL, text) : code;
}

CURLcode wps_url_set(wps_url *url, CURL *curl, wps_view text)
{
    CURLUcode parsed;

    if (is_set(url, text))
        return CURLE_OK;
    url->text.size = 0;
    if (text.size > KEPT_SIZE)
        return set_text(curl, text.data);
    if (wps_buffer_reserve(&url->text, text.size) != WPS_OK)
        return CURLE_OUT_OF_MEMORY;
    parsed = parse(url, text.data);
    if (parsed != CURLUE_OK)
        return parsed == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : set_text(curl, text.data);
    wps_buffer_append(&url->text, text.data, text.size);
    return curl_easy_setopt(curl, CURLOPT_CURLU, url->parts);
}

/* RFC 3986 section 3.1: schemes have no letter case. */
int wps_url_is_https(const char *text)
{
    return strlen(text) > 5 && wps_view_equal_ignoring_case((wps_view){text, 6}, (wps_view){"https:", 6});
}

CURLcode wps_url_move(const wps_url *url, CURL *curl)
{
    return curl_easy_setopt(curl, CURLOPT_CURLU, url->text.size > 0 ? url->parts : NULL);
}

void wps_url_release(wps_url *url)
{
    curl_url_cleanup(url->parts);
    url->parts = NULL;
    wps_buffer_free(&url->text);
}
