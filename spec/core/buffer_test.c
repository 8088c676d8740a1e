#include "support/memory.h"

#include "../../core/src/alloc.h"
#include "../../core/src/buffer.h"

static wps_status grow_in_steps(void *context)
{
    wps_buffer buffer = {0};
    wps_status status = WPS_OK;
    int i;

    (void)context;
    for (i = 0; i < 2000 && status == WPS_OK; i++)
        status = wps_buffer_append(&buffer, "0123456789", 10);
    if (status == WPS_OK)
        assert_view_equal(((wps_view){buffer.data + 19990, buffer.size - 19990}), VIEW("0123456789"));
    wps_buffer_free(&buffer);
    return status;
}

static void appended_bytes_stay_in_order(void **state)
{
    (void)state;
    assert_status(grow_in_steps(NULL), WPS_OK);
}

static void a_buffer_grows_by_doubling(void **state)
{
    (void)state;
    assert_true(count_allocations(grow_in_steps, NULL) <= 8);
}

static void a_buffer_survives_failed_allocations(void **state)
{
    (void)state;
    assert_survives_failed_allocations(grow_in_steps, NULL);
}

static void a_failed_append_leaves_the_content(void **state)
{
    wps_buffer buffer = {0};

    (void)state;
    assert_status(wps_buffer_append(&buffer, "abc", 3), WPS_OK);
    assert_status(wps_buffer_reserve(&buffer, SIZE_MAX - 1), WPS_OUT_OF_MEMORY);
    assert_view_equal(((wps_view){buffer.data, buffer.size}), VIEW("abc"));
    wps_buffer_free(&buffer);
    assert_null(buffer.data);
    assert_status(wps_buffer_append(&buffer, "d", 1), WPS_OK);
    wps_buffer_free(&buffer);
}

static void a_writer_counts_what_does_not_fit(void **state)
{
    char out[4] = "####";
    wps_writer writer = wps_writer_of(out, 3);
    size_t needed;

    (void)state;
    wps_writer_put_text(&writer, "ab");
    wps_writer_put_text(&writer, "cd");
    wps_writer_put_char(&writer, 'e');
    assert_status(wps_writer_finish(&writer, &needed), WPS_BUFFER_TOO_SMALL);
    assert_int_equal(needed, 5);
    assert_int_equal(out[3], '#');
}

static void no_memory_at_all_measures(void **state)
{
    wps_writer writer = wps_writer_of(NULL, 0);
    size_t needed;

    (void)state;
    assert_status(wps_writer_finish(&writer, &needed), WPS_OK);
    wps_writer_put_text(&writer, "abc");
    assert_status(wps_writer_finish(&writer, &needed), WPS_BUFFER_TOO_SMALL);
    assert_int_equal(needed, 3);
}

static void *refuse(void *context, void *pointer, size_t size)
{
    (void)context, (void)pointer, (void)size;
    return NULL;
}

static void forbidden(void *context, void *pointer)
{
    (void)context, (void)pointer;
    fail_msg("free was called");
}

static void an_allocator_replaces_malloc_until_null_restores_it(void **state)
{
    wps_allocator allocator = {refuse, forbidden, NULL};
    void *pointer;

    (void)state;
    wps_set_allocator(&allocator);
    assert_null(wps_memory_resize(NULL, 1));
    wps_memory_free(NULL);
    wps_set_allocator(NULL);
    pointer = wps_memory_resize(NULL, 1);
    assert_non_null(pointer);
    wps_memory_free(pointer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appended_bytes_stay_in_order),
        cmocka_unit_test(a_buffer_grows_by_doubling),
        cmocka_unit_test(a_buffer_survives_failed_allocations),
        cmocka_unit_test(a_failed_append_leaves_the_content),
        cmocka_unit_test(a_writer_counts_what_does_not_fit),
        cmocka_unit_test(no_memory_at_all_measures),
        cmocka_unit_test(an_allocator_replaces_malloc_until_null_restores_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
