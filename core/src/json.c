#include "json.h"

#include "encode.h"
#include "status.h"
#include "view.h"

/* The kinds of the open containers lie in a bit each, so that nesting costs no C stack. */
enum { DEPTH_LIMIT = 1024 };

typedef struct scanner {
    wps_view text;
    size_t at;
    int depth, max_depth;
    unsigned char objects[DEPTH_LIMIT / 8];
} scanner;

static char peek(const scanner *s)
{
    return s->at < s->text.size ? s->text.data[s->at] : '\0';
}

static int accept(scanner *s, char c)
{
    if (s->at >= s->text.size || s->text.data[s->at] != c)
        return 0;
    s->at++;
    return 1;
}

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(scanner *s)
{
    while (s->at < s->text.size && is_space(s->text.data[s->at]))
        s->at++;
}

static int scan_word(scanner *s, const char *word)
{
    for (; *word; word++)
        if (!accept(s, *word))
            return 0;
    return 1;
}

static int scan_digits(scanner *s)
{
    if (!wps_is_digit(peek(s)))
        return 0;
    while (wps_is_digit(peek(s)))
        s->at++;
    return 1;
}

static int scan_number(scanner *s)
{
    accept(s, '-');
    if (!accept(s, '0') && !scan_digits(s))
        return 0;
    if (accept(s, '.') && !scan_digits(s))
        return 0;
    if (!accept(s, 'e') && !accept(s, 'E'))
        return 1;
    if (!accept(s, '+'))
        accept(s, '-');
    return scan_digits(s);
}

static int scan_unicode_escape(scanner *s)
{
    int i;

    for (i = 0; i < 4; i++, s->at++)
        if (wps_hex_value(peek(s)) < 0)
            return 0;
    return 1;
}

static int scan_escape(scanner *s)
{
    switch (peek(s)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        s->at++;
        return 1;
    case 'u':
        s->at++;
        return scan_unicode_escape(s);
    default:
        return 0;
    }
}

static int scan_character(scanner *s)
{
    size_t size;

    if (accept(s, '\\'))
        return scan_escape(s);
    if ((unsigned char)peek(s) < 0x20)
        return 0;
    size = wps_utf8_character(wps_view_slice(s->text, s->at, s->text.size));
    s->at += size;
    return size > 0;
}

static int scan_string(scanner *s)
{
    if (!accept(s, '"'))
        return 0;
    while (!accept(s, '"'))
        if (s->at >= s->text.size || !scan_character(s))
            return 0;
    return 1;
}

static int scan_name(scanner *s)
{
    skip_space(s);
    if (!scan_string(s))
        return 0;
    skip_space(s);
    return accept(s, ':');
}

static int scan_scalar(scanner *s)
{
    switch (peek(s)) {
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    default:
        return scan_number(s);
    }
}

static int inside_object(const scanner *s)
{
    int top = s->depth - 1;
    return s->objects[top / 8] >> (top % 8) & 1;
}

static int open_container(scanner *s)
{
    int object = peek(s) == '{';
    unsigned char bit = (unsigned char)(1U << (s->depth % 8));
    unsigned char *byte = &s->objects[s->depth / 8];

    if (s->depth >= s->max_depth)
        return 0;
    s->at++;
    s->depth++;
    *byte = object ? (unsigned char)(*byte | bit) : (unsigned char)(*byte & ~bit);
    return 1;
}

static int close_container(scanner *s)
{
    if (!accept(s, inside_object(s) ? '}' : ']'))
        return 0;
    s->depth--;
    return 1;
}

typedef enum step { FAILED, VALUE_FOLLOWS, VALUE_ENDED } step;

static step member_follows(scanner *s)
{
    return !inside_object(s) || scan_name(s) ? VALUE_FOLLOWS : FAILED;
}

static step scan_value_start(scanner *s)
{
    skip_space(s);
    if (peek(s) != '{' && peek(s) != '[')
        return scan_scalar(s) ? VALUE_ENDED : FAILED;
    if (!open_container(s))
        return FAILED;
    skip_space(s);
    return close_container(s) ? VALUE_ENDED : member_follows(s);
}

static step scan_after_value(scanner *s)
{
    skip_space(s);
    if (accept(s, ','))
        return member_follows(s);
    return close_container(s) ? VALUE_ENDED : FAILED;
}

static int scan_document(scanner *s)
{
    step next = VALUE_FOLLOWS;

    while (next == VALUE_FOLLOWS) {
        next = scan_value_start(s);
        while (next == VALUE_ENDED && s->depth > 0)
            next = scan_after_value(s);
    }
    skip_space(s);
    return next == VALUE_ENDED && s->at == s->text.size;
}

wps_status wps_json_check(wps_view text, int max_depth, wps_error *error)
{
    scanner s = {.text = text, .max_depth = max_depth < DEPTH_LIMIT ? max_depth : DEPTH_LIMIT};

    if (scan_document(&s))
        return WPS_OK;
    if ((peek(&s) == '{' || peek(&s) == '[') && s.depth >= s.max_depth)
        return wps_fail(error, WPS_MALFORMED, "JSON is nested deeper than %d at byte %zu", s.max_depth, s.at);
    return wps_fail(error, WPS_MALFORMED, "not JSON at byte %zu", s.at);
}
