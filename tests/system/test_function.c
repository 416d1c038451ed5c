/*
 * test_function - functions with names, and errors that programs raise; no daemon is needed
 */
#include <limits.h>
#include <pthread.h>
#include <stdio.h>

#include "tests/system/workers.h"

static int one(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args;
        *result = mgr_int((int64_t)n_args + 1);
        return 0;
}

static int two(const mgr_value *args, size_t n_args, mgr_value *result)
{
        (void)args;
        *result = mgr_int((int64_t)n_args + 2);
        return 0;
}

static void function_keeps_its_name(void **state)
{
        char name[16] = "first", long_name[257];

        (void)state;
        assert_done(mgr_function_register(name, one));
        name[0] = 'F'; /* it was copied */
        assert_done(mgr_function_register("first", one));
        assert_error(mgr_function_register("first", two), MGR_EVALUE,
                     "another function is registered as 'first'");
        assert_done(mgr_function_register(name, two));
        assert_done(mgr_function_register("the same by another name", one));
        assert_done(mgr_function_register("胡旺", two));

        assert_int_equal(mgr_function_register(NULL, one), MGR_EARGUMENT);
        assert_int_equal(mgr_function_register("first", NULL), MGR_EARGUMENT);
        assert_error(mgr_function_register("", one), MGR_EARGUMENT,
                     "a function's name has 1 to 255 bytes");
        assert_int_equal(mgr_function_register("\xff", one), MGR_EUNICODE);
        memset(long_name, 'x', sizeof(long_name));
        long_name[256] = '\0';
        assert_int_equal(mgr_function_register(long_name, one), MGR_EARGUMENT);
        long_name[255] = '\0';
        assert_done(mgr_function_register(long_name, one));
}

#define N_NAMES 200

struct registrar {
        pthread_t thread;
        pthread_barrier_t *start;
        mgr_function *function;
        int n_registered, n_refused;
};

/* All at once, the same names for two functions. */
static void *register_many(void *arg)
{
        struct registrar *registrar = arg;
        char name[32];

        pthread_barrier_wait(registrar->start);
        for (int i = 0; i < N_NAMES; ++i) {
                snprintf(name, sizeof(name), "contested %d", i);
                if (mgr_function_register(name, registrar->function) == 0)
                        ++registrar->n_registered;
                else
                        ++registrar->n_refused;
        }
        return NULL;
}

static void threads_agree_whose_a_name_is(void **state)
{
        struct registrar registrars[4] = { 0 };
        pthread_barrier_t start;
        char name[32];

        (void)state;
        pthread_barrier_init(&start, NULL, 4);
        for (int i = 0; i < 4; ++i) {
                registrars[i].start = &start;
                registrars[i].function = i % 2 ? one : two;
                assert_int_equal(
                        pthread_create(&registrars[i].thread, NULL, register_many, &registrars[i]),
                        0);
        }
        for (int i = 0; i < 4; ++i) {
                pthread_join(registrars[i].thread, NULL);
                assert_int_equal(registrars[i].n_registered + registrars[i].n_refused, N_NAMES);
        }
        pthread_barrier_destroy(&start);
        /* two threads want the same: each name is granted to both of one pair */
        assert_int_equal(registrars[0].n_registered, registrars[2].n_registered);
        assert_int_equal(registrars[1].n_registered, registrars[3].n_registered);
        assert_int_equal(registrars[0].n_registered + registrars[1].n_registered, N_NAMES);
        for (int i = 0; i < N_NAMES; ++i) {
                snprintf(name, sizeof(name), "contested %d", i);
                assert_int_equal((mgr_function_register(name, one) == 0) +
                                         (mgr_function_register(name, two) == 0),
                                 1);
        }
}

static int names_are_there(void *arg)
{
        (void)arg;
        return mgr_function_register("first", two) == MGR_EVALUE &&
                               mgr_function_register("of the child", two) == 0
                       ? 0
                       : 1;
}

static void children_have_the_names(void **state)
{
        (void)state;
        assert_done(mgr_function_register("first", one));
        assert_int_equal(end_of(start(names_are_there, NULL)), 0);
        assert_done(mgr_function_register("of the child", one));
}

static void raising_is_as_failing(void **state)
{
        mgr_value value;

        (void)state;
        assert_error(mgr_raise(MGR_EVALUE, "no such colour"), MGR_EVALUE, "no such colour");
        assert_string_equal(mgr_error_name(), "ValueError");
        assert_value(mgr_error_value(&value), &value, "'no such colour'");
        assert_error(mgr_raise(MGR_EKEY, NULL), MGR_EKEY, mgr_strerror(MGR_EKEY));
        assert_string_equal(mgr_error_name(), "KeyError");
        assert_value(mgr_error_value(&value), &value, "None");
        assert_error(mgr_raise(INT_MIN, NULL), INT_MIN, "unknown error");
        /* what is no exception of Python's has no name */
        assert_error(mgr_raise(MGR_EARGUMENT, "two are wanted"), MGR_EARGUMENT, "two are wanted");
        assert_string_equal(mgr_error_name(), "");
        assert_value(mgr_error_value(&value), &value, "None");
        assert_error(mgr_raise(-1000, NULL), -1000, "unknown error");
        assert_error(mgr_raise(-1000, "of our own"), -1000, "of our own");
        assert_error(mgr_raise(0, "nothing"), MGR_EARGUMENT, "0 is no error to be raised");
        assert_error(mgr_raise(5, "much"), MGR_EARGUMENT, "5 is no error to be raised");
}

static void what_was_raised_may_be_raised_again(void **state)
{
        mgr_value value;

        (void)state;
        mgr_raise(MGR_EVALUE, "a message");
        assert_error(mgr_raise(MGR_ETYPE, mgr_errmsg()), MGR_ETYPE, "a message");
        assert_error(mgr_raise(MGR_EINDEX, mgr_error_name()), MGR_EINDEX, "TypeError");
        assert_value(mgr_error_value(&value), &value, "'TypeError'");
}

static void long_and_strange_messages_are_cut_and_spelled(void **state)
{
        char text[2001];
        mgr_value value;

        (void)state;
        for (size_t i = 0; i < 2000; i += 2)
                memcpy(text + i, "é", 2);
        text[2000] = '\0';
        assert_int_equal(mgr_raise(MGR_EVALUE, text), MGR_EVALUE);
        assert_int_equal(strlen(mgr_errmsg()) % 2, 0);
        assert_true(strlen(mgr_errmsg()) >= 500 && !strncmp(mgr_errmsg(), text, 500));
        assert_value(mgr_error_value(&value), &value, "None"); /* too long to be kept */
        assert_error(mgr_raise(MGR_EVALUE, "caf\xe9"), MGR_EVALUE, "caf\xe9");
        assert_value(mgr_error_value(&value), &value, "'café'");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(function_keeps_its_name),
                cmocka_unit_test(threads_agree_whose_a_name_is),
                cmocka_unit_test(children_have_the_names),
                cmocka_unit_test(raising_is_as_failing),
                cmocka_unit_test(what_was_raised_may_be_raised_again),
                cmocka_unit_test(long_and_strange_messages_are_cut_and_spelled),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
