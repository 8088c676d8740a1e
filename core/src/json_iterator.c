#include "json.h"

#include "view.h"

/* Works on text that wps_json_check has accepted. On other text every step still moves forward and stays inside. */

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(wps_view text, size_t at)
{
    while (at < text.size && is_space(text.data[at]))
        at++;
    return at;
}

/* `at` is on the opening quote; gives the place after the closing one, or text.size. */
static size_t skip_string(wps_view text, size_t at)
{
    for (at++; at < text.size && text.data[at] != '"'; at++)
        if (text.data[at] == '\\')
            at++;
    return at < text.size ? at + 1 : text.size;
}

static size_t skip_container(wps_view text, size_t at)
{
    size_t depth = 0;

    do {
        char c = text.data[at];
        at = c == '"' ? skip_string(text, at) : at + 1;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
    } while (depth > 0 && at < text.size);
    return at;
}

static int ends_scalar(char c)
{
    return c == ',' || c == ']' || c == '}' || is_space(c);
}

static size_t skip_value(wps_view text, size_t at)
{
    if (text.data[at] == '"')
        return skip_string(text, at);
    if (text.data[at] == '{' || text.data[at] == '[')
        return skip_container(text, at);
    while (at < text.size && !ends_scalar(text.data[at]))
        at++;
    return at;
}

wps_status wps_json_begin(wps_view text, wps_json_iterator *iterator)
{
    size_t at = skip_space(text, 0);

    *iterator = (wps_json_iterator){text, text.size, '['};
    if (at >= text.size || (text.data[at] != '{' && text.data[at] != '['))
        return WPS_MALFORMED;
    iterator->position = at + 1;
    iterator->kind = text.data[at];
    return WPS_OK;
}

/* Moves *at over `"name" :`. */
static int take_name(wps_view text, size_t *at, wps_view *name)
{
    size_t start = *at, end;

    if (start >= text.size || text.data[start] != '"')
        return 0;
    end = skip_string(text, start);
    if (end < start + 2)
        return 0;
    *name = wps_view_slice(text, start + 1, end - 1);
    *at = skip_space(text, end);
    if (*at >= text.size || text.data[*at] != ':')
        return 0;
    *at = skip_space(text, *at + 1);
    return 1;
}

static size_t next_element(const wps_json_iterator *iterator)
{
    size_t at = skip_space(iterator->text, iterator->position);

    if (at < iterator->text.size && iterator->text.data[at] == ',')
        at = skip_space(iterator->text, at + 1);
    return at;
}

wps_status wps_json_next(wps_json_iterator *iterator, wps_view *name, wps_view *value)
{
    wps_view text = iterator->text;
    size_t at = next_element(iterator), end;

    *name = *value = (wps_view){NULL, 0};
    iterator->position = at;
    if (at >= text.size)
        return WPS_MALFORMED;
    if (text.data[at] == (iterator->kind == '{' ? '}' : ']'))
        return WPS_END;
    if (iterator->kind == '{' && !take_name(text, &at, name))
        return WPS_MALFORMED;
    end = at < text.size ? skip_value(text, at) : at;
    if (end == at)
        return WPS_MALFORMED;
    *value = wps_view_slice(text, at, end);
    iterator->position = end;
    return WPS_OK;
}

int wps_json_string_of(wps_view value, wps_view *raw)
{
    if (value.size < 2 || value.data[0] != '"' || value.data[value.size - 1] != '"')
        return 0;
    *raw = wps_view_slice(value, 1, value.size - 1);
    return 1;
}
