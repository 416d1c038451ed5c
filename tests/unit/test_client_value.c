/*
 * test_client_value - values of the client library, where no daemon is needed
 */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "client/manager.h"
#include "tests/lib/cmocka.h"

static void check_repr(const mgr_value *value, const char *wanted)
{
        mgr_value text;

        assert_int_equal(mgr_value_repr(value, &text), 0);
        assert_string_equal(mgr_cstr(&text), wanted);
        mgr_value_clear(&text);
}

/* Goes through its packed form and back. */
static void check_packed(const mgr_value *value, const void *bytes, size_t size)
{
        mgr_value packed, again;

        assert_int_equal(mgr_value_pack(value, &packed), 0);
        assert_int_equal(packed.kind, MGR_KIND_BYTES);
        assert_int_equal(packed.as.text.size, size);
        assert_memory_equal(packed.as.text.data, bytes, size);
        assert_int_equal(mgr_value_unpack(packed.as.text.data, packed.as.text.size, &again), 0);
        assert_int_equal(again.kind, value->kind);
        assert_int_equal(mgr_value_equal(&again, value), 1);
        mgr_value_clear(&packed);
        mgr_value_clear(&again);
}

#define CHECK_PACKED(value, literal) check_packed(&(value), literal, sizeof(literal) - 1)

static mgr_value unpack(const char *bytes, size_t size)
{
        mgr_value value;

        assert_int_equal(mgr_value_unpack(bytes, size, &value), 0);
        return value;
}

#define UNPACK(literal) unpack(literal, sizeof(literal) - 1)

/* --- scalars and text */

static void c_types_become_values(void **state)
{
        const char *nothing = NULL;
        mgr_value value;
        char letters[] = "text";

        (void)state;
        value = mgr_v(18);
        CHECK_PACKED(value, "\x12");
        value = mgr_v(-1L);
        CHECK_PACKED(value, "\xff");
        value = mgr_v(ULLONG_MAX);
        assert_int_equal(value.kind, MGR_KIND_UINT);
        CHECK_PACKED(value, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
        value = mgr_v((unsigned char)200);
        assert_int_equal(value.kind, MGR_KIND_INT);
        CHECK_PACKED(value, "\xcc\xc8");
        value = mgr_v(0.5f);
        CHECK_PACKED(value, "\xcb\x3f\xe0\0\0\0\0\0\0");
        value = mgr_v((bool)1);
        CHECK_PACKED(value, "\xc3");
        value = mgr_v(letters);
        CHECK_PACKED(value, "\xa4text");
        value = mgr_v(nothing);
        CHECK_PACKED(value, "\xc0");
        value = mgr_v((mgr_dict *)NULL);
        CHECK_PACKED(value, "\xc0");
        value = mgr_bytes("a\0b", 3);
        CHECK_PACKED(value, "\xc4\x03"
                            "a\0b");
        value = mgr_v(&value);
        assert_int_equal(value.kind, MGR_KIND_BYTES);
}

static void a_value_is_as_long_as_ever(void **state)
{
        (void)state;
        /* programs are compiled with it */
        assert_int_equal(sizeof(mgr_value), 56);
        assert_int_equal(sizeof(mgr_iter), 40);
}

static void text_is_python_text(void **state)
{
        mgr_value value = mgr_str("it's"), text;

        (void)state;
        check_repr(&value, "\"it's\"");
        assert_int_equal(mgr_value_str(&value, &text), 0);
        assert_string_equal(mgr_cstr(&text), "it's");
        mgr_value_clear(&text);
        value = mgr_float(1e23);
        check_repr(&value, "1e+23");
        value = MGR_TRUE;
        check_repr(&value, "True");
        assert_string_equal(mgr_cstr(&value), "");
        value = mgr_strn("\xff", 1);
        assert_int_equal(mgr_value_repr(&value, &text), MGR_EUNICODE);
        assert_string_equal(mgr_value_type_name(&value), "str");
}

static void numbers_convert_as_in_python(void **state)
{
        mgr_value value = MGR_TRUE;
        int64_t integer = 7;
        double real;

        (void)state;
        assert_int_equal(mgr_value_get_int(&value, &integer), 0);
        assert_int_equal(integer, 1);
        value = mgr_float(1.0);
        assert_int_equal(mgr_value_get_int(&value, &integer), MGR_ETYPE);
        assert_string_equal(mgr_errmsg(), "'float' is no int");
        value = mgr_uint(UINT64_MAX);
        assert_int_equal(mgr_value_get_int(&value, &integer), MGR_EOVERFLOW);
        assert_int_equal(mgr_value_get_float(&value, &real), 0);
        assert_true(real == 18446744073709551616.0);
        value = mgr_str("1");
        assert_int_equal(mgr_value_get_float(&value, &real), MGR_ETYPE);
        assert_int_equal(integer, 1);
}

static void outputs_refuse_what_does_not_fit(void **state)
{
        unsigned long long huge = 0;
        mgr_value value = mgr_int(-1);
        unsigned small = 3;
        float real = 0;
        int n = 5;

        (void)state;
        assert_int_equal(mgr_value_into(0, &value, MGR_OUT(&small)), MGR_EOVERFLOW);
        assert_int_equal(small, 3);
        value = mgr_int((int64_t)INT_MAX + 1);
        assert_int_equal(mgr_value_into(0, &value, MGR_OUT(&n)), MGR_EOVERFLOW);
        value = mgr_int(INT_MIN);
        assert_int_equal(mgr_value_into(0, &value, MGR_OUT(&n)), 0);
        assert_int_equal(n, INT_MIN);
        value = mgr_uint(UINT64_MAX);
        assert_int_equal(mgr_value_into(1, &value, MGR_OUT(&huge)), 1);
        assert_true(huge == UINT64_MAX);
        value = mgr_float(0.25);
        assert_int_equal(mgr_value_into(0, &value, MGR_OUT(&real)), 0);
        assert_true(real == 0.25f);
        assert_int_equal(mgr_value_into(MGR_EKEY, &value, MGR_OUT(&n)), MGR_EKEY);
}

static void truth_and_equality_are_pythons(void **state)
{
        mgr_value one = mgr_int(1), real = mgr_float(1), text = mgr_str("a");
        mgr_value bytes = mgr_bytes("a", 1), nan = mgr_float(NAN), empty = mgr_str("");
        mgr_value list = UNPACK("\x91\xc0"), none = MGR_NONE, no_list = UNPACK("\x90");

        (void)state;
        assert_int_equal(mgr_value_equal(&one, &real), 1);
        assert_int_equal(mgr_value_equal(&text, &bytes), 0);
        assert_int_equal(mgr_value_equal(&nan, &nan), 0);
        assert_int_equal(mgr_value_equal(&list, NULL), MGR_EARGUMENT);
        assert_true(mgr_value_truth(&one));
        assert_true(mgr_value_truth(&nan));
        assert_true(mgr_value_truth(&list));
        assert_false(mgr_value_truth(&none));
        assert_false(mgr_value_truth(&empty));
        assert_false(mgr_value_truth(&no_list));
        mgr_value_clear(&list);
        mgr_value_clear(&no_list);
}

/* --- containers */

static void iterators_see_every_element(void **state)
{
        /* {"name": "Bob", 2: ("x", b"y"), "set": {1}} */
        mgr_value dict = UNPACK("\x83\xa4name\xa3"
                                "Bob\x02\xc7\x06\x01\x92\xa1x\xc4\x01y\xa3set"
                                "\xd5\x04\x91\x01");
        mgr_value key, value, element;
        mgr_iter iter, inner;

        (void)state;
        check_repr(&dict, "{'name': 'Bob', 2: ('x', b'y'), 'set': {1}}");
        assert_int_equal(mgr_value_len(&dict), 3);
        assert_int_equal(mgr_iter_init(&iter, &dict), 0);
        assert_int_equal(mgr_iter_next_item(&iter, &key, &value), 1);
        assert_string_equal(mgr_cstr(&key), "name");
        assert_string_equal(mgr_cstr(&value), "Bob");
        assert_int_equal(mgr_iter_next_item(&iter, &key, &value), 1);
        assert_int_equal(key.as.integer, 2);
        assert_int_equal(value.kind, MGR_KIND_TUPLE);
        assert_int_equal(mgr_iter_init(&inner, &value), 0);
        assert_int_equal(mgr_iter_next(&inner, &element), 1);
        assert_string_equal(mgr_cstr(&element), "x");
        assert_int_equal(mgr_iter_next_item(&inner, &key, &element), 0);
        assert_int_equal(mgr_iter_next(&inner, &element), 1);
        assert_int_equal(element.kind, MGR_KIND_BYTES);
        assert_string_equal(mgr_cstr(&element), "y");
        assert_int_equal(mgr_iter_next(&inner, &element), 0);
        assert_int_equal(mgr_iter_next_item(&iter, &key, &value), 1);
        assert_int_equal(value.kind, MGR_KIND_SET);
        assert_int_equal(mgr_iter_next_item(&iter, &key, &value), 0);

        assert_int_equal(mgr_iter_init(&iter, &dict), 0);
        for (int i = 0; i < 3; ++i)
                assert_int_equal(mgr_iter_next(&iter, &key), 1);
        assert_string_equal(mgr_cstr(&key), "set");
        assert_int_equal(mgr_iter_next(&iter, &key), 0);
        value = mgr_int(5);
        assert_int_equal(mgr_iter_init(&iter, &value), MGR_ETYPE);
        assert_string_equal(mgr_errmsg(), "'int' object is not iterable");
        assert_int_equal(mgr_iter_next(&iter, &key), 0);
        mgr_value_clear(&dict);
}

static void elements_are_found(void **state)
{
        mgr_value list = UNPACK("\x93\xa1"
                                "a\xa1"
                                "b\x03"),
                  dict = UNPACK("\x82\x01\xa3one\xa1k\xc0");
        mgr_value element, key = mgr_float(1.0), missing = mgr_str("z");

        (void)state;
        assert_int_equal(mgr_value_at(&list, 1, &element), 0);
        assert_string_equal(mgr_cstr(&element), "b");
        assert_int_equal(mgr_value_at(&list, -1, &element), 0);
        assert_int_equal(element.as.integer, 3);
        assert_int_equal(mgr_value_at(&list, 3, &element), MGR_EINDEX);
        assert_int_equal(mgr_value_at(&list, -4, &element), MGR_EINDEX);
        assert_int_equal(mgr_value_at(&dict, 0, &element), MGR_EINDEX);
        assert_int_equal(mgr_value_find(&dict, &key, &element), 0);
        assert_string_equal(mgr_cstr(&element), "one");
        assert_int_equal(mgr_value_find(&dict, &missing, &element), MGR_EKEY);
        assert_int_equal(mgr_value_find(&list, &key, &element), MGR_ETYPE);
        mgr_value_clear(&list);
        mgr_value_clear(&dict);
}

static void copies_live_by_themselves(void **state)
{
        mgr_value list = UNPACK("\x92\xa3"
                                "abc\x91\xa1z"),
                  text, inner, copy, element;
        char letters[] = "text";
        mgr_value borrowed = mgr_str(letters);

        (void)state;
        assert_int_equal(mgr_value_copy(&borrowed, &copy), 0);
        letters[0] = 'n';
        assert_string_equal(mgr_cstr(&copy), "text");
        mgr_value_clear(&copy);

        assert_int_equal(mgr_value_at(&list, 0, &element), 0);
        assert_int_equal(mgr_value_copy(&element, &text), 0);
        assert_int_equal(mgr_value_at(&list, 1, &element), 0);
        assert_int_equal(mgr_value_copy(&element, &inner), 0);
        assert_int_equal(mgr_value_copy(&inner, &copy), 0);
        mgr_value_clear(&list);
        mgr_value_clear(&inner);
        assert_int_equal(list.kind, MGR_KIND_NONE);
        assert_string_equal(mgr_cstr(&text), "abc");
        check_repr(&copy, "['z']");
        mgr_value_clear(&text);
        mgr_value_clear(&copy);
        mgr_value_clear(&copy);
        mgr_value_clear(NULL);
}

/* --- composing */

static void a_builder_composes_what_it_is_told(void **state)
{
        mgr_builder *b;
        mgr_value value, again;

        (void)state;
        assert_int_equal(mgr_builder_new(&b), 0);
        mgr_builder_begin(b, MGR_KIND_DICT);
        mgr_builder_add(b, "name");
        mgr_builder_add(b, "Bob");
        mgr_builder_begin(b, MGR_KIND_TUPLE);
        mgr_builder_add(b, 1);
        mgr_builder_begin(b, MGR_KIND_FROZENSET);
        mgr_builder_add(b, MGR_NONE);
        mgr_builder_end(b);
        mgr_builder_end(b);
        mgr_builder_begin(b, MGR_KIND_LIST);
        for (int i = 0; i < 20; ++i)
                mgr_builder_add(b, i);
        mgr_builder_end(b);
        mgr_builder_end(b);
        assert_int_equal(mgr_builder_finish(b, &value), 0);
        check_repr(&value,
                   "{'name': 'Bob', (1, frozenset({None})): "
                   "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]}");

        /* what was composed goes into something else, as does a scalar by itself */
        mgr_builder_begin(b, MGR_KIND_LIST);
        mgr_builder_add(b, &value);
        mgr_builder_add(b, 2.5);
        mgr_builder_end(b);
        mgr_value_clear(&value);
        assert_int_equal(mgr_builder_finish(b, &again), 0);
        assert_int_equal(mgr_value_at(&again, -1, &value), 0);
        assert_true(value.as.real == 2.5);
        mgr_value_clear(&again);
        mgr_builder_add(b, "alone");
        assert_int_equal(mgr_builder_finish(b, &value), 0);
        assert_string_equal(mgr_cstr(&value), "alone");
        mgr_value_clear(&value);
        mgr_builder_free(b);
}

/* A map's head must be right in each of its three forms. */
static void dicts_of_any_size_are_composed(void **state)
{
        static const int sizes[] = { 0, 1, 15, 16, 100, 65535, 65536 };
        mgr_value dict;
        mgr_builder *b;

        (void)state;
        assert_int_equal(mgr_builder_new(&b), 0);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i) {
                mgr_builder_begin(b, MGR_KIND_DICT);
                for (int k = 0; k < sizes[i]; ++k) {
                        mgr_builder_add(b, k);
                        mgr_builder_add(b, MGR_TRUE);
                }
                mgr_builder_end(b);
                assert_int_equal(mgr_builder_finish(b, &dict), 0);
                assert_int_equal(mgr_value_len(&dict), sizes[i]);
                mgr_value_clear(&dict);
        }
        mgr_builder_free(b);
}

static void builder_fail(mgr_builder *b, int error)
{
        mgr_value value = mgr_int(5);

        assert_int_equal(mgr_builder_finish(b, &value), error);
        assert_int_equal(value.as.integer, 5);

        /* it is empty again, and can be used */
        mgr_builder_add(b, 1);
        assert_int_equal(mgr_builder_finish(b, &value), 0);
        assert_int_equal(value.as.integer, 1);
}

static void a_builder_tells_in_the_end_what_went_wrong(void **state)
{
        mgr_builder *b;

        (void)state;
        assert_int_equal(mgr_builder_new(&b), 0);
        builder_fail(b, MGR_EVALUE); /* nothing */
        mgr_builder_add(b, 1);
        mgr_builder_add(b, 2);
        builder_fail(b, MGR_EVALUE); /* two values */
        mgr_builder_begin(b, MGR_KIND_LIST);
        builder_fail(b, MGR_EVALUE); /* open */
        mgr_builder_end(b);
        builder_fail(b, MGR_EVALUE); /* closed, and never opened */
        mgr_builder_begin(b, MGR_KIND_DICT);
        mgr_builder_add(b, "key");
        mgr_builder_end(b);
        builder_fail(b, MGR_EVALUE); /* a key without a value */
        mgr_builder_begin(b, MGR_KIND_INT);
        builder_fail(b, MGR_EVALUE); /* not a container */
        mgr_builder_begin(b, MGR_KIND_SET);
        mgr_builder_add(b, 1);
        mgr_builder_add(b, 1.0);
        mgr_builder_end(b);
        builder_fail(b, MGR_EBAD_REQUEST); /* equal elements */
        mgr_builder_add(b, mgr_strn("\xc3", 1));
        builder_fail(b, MGR_EUNICODE);
        for (int i = 0; i < MGR_MAX_DEPTH + 1; ++i)
                mgr_builder_begin(b, MGR_KIND_LIST);
        builder_fail(b, MGR_ETOO_LARGE);
        mgr_builder_add_value(b, NULL);
        builder_fail(b, MGR_EARGUMENT);
        mgr_builder_free(b);
        mgr_builder_free(NULL);
}

static void whatever_arrives_is_checked(void **state)
{
        static const char *const wrong[] = { "",
                                             "\xa5"
                                             "ab",
                                             "\xdd\x10",
                                             "\xc1",
                                             "\x01\x02",
                                             "\x81\x90" };
        static const size_t sizes[] = { 0, 3, 2, 1, 2, 2 };
        mgr_value value;

        (void)state;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); ++i)
                assert_true(mgr_value_unpack(wrong[i], sizes[i], &value) < 0);
        assert_int_equal(mgr_value_unpack(NULL, 0, &value), MGR_EARGUMENT);
}

static void what_no_manager_sent_is_no_proxy(void **state)
{
        mgr_value token = UNPACK("\xc7\x0a\x02\x93\xa4"
                                 "dict\xc0\xcd\x01\x02"),
                  number = mgr_int(1);
        mgr_dict *d;

        (void)state;
        assert_int_equal(token.kind, MGR_KIND_PROXY);
        assert_int_equal(mgr_value_dict(&token, &d), MGR_ENO_OBJECT);
        assert_int_equal(mgr_value_dict(&number, &d), MGR_ETYPE);
        assert_string_equal(mgr_errmsg(), "a proxy of a 'dict' is wanted, this is a 'int'");
        mgr_value_clear(&token);
}

static void every_error_has_a_text(void **state)
{
        (void)state;
        assert_string_equal(mgr_strerror(MGR_EKEY), "no such key");
        assert_string_equal(mgr_strerror(MGR_EGONE), "the manager is gone");
        assert_string_equal(mgr_strerror(0), "done");
        assert_string_equal(mgr_strerror(-12345), "unknown error");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(c_types_become_values),
                cmocka_unit_test(a_value_is_as_long_as_ever),
                cmocka_unit_test(text_is_python_text),
                cmocka_unit_test(numbers_convert_as_in_python),
                cmocka_unit_test(outputs_refuse_what_does_not_fit),
                cmocka_unit_test(truth_and_equality_are_pythons),
                cmocka_unit_test(iterators_see_every_element),
                cmocka_unit_test(elements_are_found),
                cmocka_unit_test(copies_live_by_themselves),
                cmocka_unit_test(a_builder_composes_what_it_is_told),
                cmocka_unit_test(dicts_of_any_size_are_composed),
                cmocka_unit_test(a_builder_tells_in_the_end_what_went_wrong),
                cmocka_unit_test(whatever_arrives_is_checked),
                cmocka_unit_test(what_no_manager_sent_is_no_proxy),
                cmocka_unit_test(every_error_has_a_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
