/*
 * test_handles - what proxies of all types have in common: names, shares, values, texts
 */
#include "tests/system/client.h"

/* Each type with its new object, one with a name, and what its repr() begins with. */
#define TYPES(X)                                                                                   \
        X(dict, mgr_dict_new(m, &made), mgr_dict_open(m, "dict", &named), "{}")                    \
        X(list, mgr_list_new(m, &made), mgr_list_open(m, "list", &named), "[]")                    \
        X(set, mgr_set_new(m, &made), mgr_set_open(m, "set", &named), "set()")                     \
        X(namespace, mgr_namespace_new(m, &made), mgr_namespace_open(m, "ns", &named),             \
          "Namespace()")                                                                           \
        X(cell, mgr_cell_new(m, "i", 5, &made), mgr_cell_open(m, "cell", "i", 5, &named),          \
          "Value('i', 5)")                                                                         \
        X(array, mgr_array_new(m, 'i', numbers, 2, &made),                                         \
          mgr_array_open_value(m, "array", 'i', NULL, &named), "array('i', [1, 2])")               \
        X(lock, mgr_lock_new(m, &made), mgr_lock_open(m, "lock", &named),                          \
          "<unlocked _thread.lock")                                                                \
        X(rlock, mgr_rlock_new(m, &made), mgr_rlock_open(m, "rlock", &named),                      \
          "<unlocked _thread.RLock")                                                               \
        X(condition, mgr_condition_new(m, NULL, &made),                                            \
          mgr_condition_open(m, "condition", NULL, &named), "<Condition(<unlocked _thread.RLock")  \
        X(semaphore, mgr_semaphore_new(m, 3, &made),                                               \
          mgr_semaphore_open(m, "semaphore", 3, &named), "<threading.Semaphore at 0x")             \
        X(event, mgr_event_new(m, &made), mgr_event_open(m, "event", &named),                      \
          "<threading.Event at 0x")                                                                \
        X(barrier, mgr_barrier_new(m, 2, &made), mgr_barrier_open(m, "barrier", 2, &named),        \
          "<threading.Barrier at 0x")                                                              \
        X(queue, mgr_queue_new(m, 0, NULL, &made), mgr_queue_open(m, "queue", 0, NULL, &named),    \
          "<queue.Queue object at 0x")

static void assert_begins(mgr_value *text, const char *with)
{
        if (strncmp(mgr_cstr(text), with, strlen(with)) != 0)
                assert_string_equal(mgr_cstr(text), with);
        mgr_value_clear(text);
}

#define TEST(type, create, open, text)                                                             \
        static void type##_has_what_all_proxies_have(void **state)                                 \
        {                                                                                          \
                static const long long numbers[] = { 1, 2 };                                       \
                mgr_##type *made, *named, *same, *out;                                             \
                mgr_dict *d = new_dict();                                                          \
                size_t n = count_objects();                                                        \
                mgr_value value;                                                                   \
                uint64_t ident;                                                                    \
                                                                                                   \
                (void)state;                                                                       \
                (void)numbers;                                                                     \
                assert_done(create);                                                               \
                ident = mgr_proxy_ident(mgr_##type##_proxy(made));                                 \
                assert_ptr_equal(mgr_##type##_ref(made), made);                                    \
                mgr_##type##_free(made);                                                           \
                assert_done(mgr_##type##_repr(made, &value));                                      \
                assert_begins(&value, text);                                                       \
                assert_done(mgr_##type##_str(made, &value));                                       \
                assert_begins(&value, text);                                                       \
                assert_done(mgr_proxy_repr(mgr_##type##_proxy(made), &value));                     \
                assert_begins(&value, text);                                                       \
                                                                                                   \
                /* into a value and back, here and by way of the daemon */                         \
                value = mgr_from_##type(made);                                                     \
                assert_done(mgr_value_##type(&value, &out));                                       \
                assert_ptr_equal(out, made);                                                       \
                mgr_##type##_free(out);                                                            \
                assert_done(mgr_dict_set(d, "it", made));                                          \
                mgr_##type##_free(made);                                                           \
                assert_done(mgr_dict_get(d, "it", &value));                                        \
                assert_done(mgr_value_##type(&value, &out));                                       \
                mgr_value_clear(&value);                                                           \
                assert_int_equal(mgr_proxy_ident(mgr_##type##_proxy(out)), ident);                 \
                mgr_##type##_free(out);                                                            \
                assert_done(mgr_dict_clear(d));                                                    \
                                                                                                   \
                /* of another type, or nothing at all */                                           \
                value = mgr_int(1);                                                                \
                assert_int_equal(mgr_value_##type(&value, &out), MGR_ETYPE);                       \
                assert_int_equal(mgr_value_##type(NULL, &out), MGR_EARGUMENT);                     \
                assert_int_equal(mgr_value_##type(&value, NULL), MGR_EARGUMENT);                   \
                assert_int_equal(mgr_##type##_repr(NULL, &value), MGR_EARGUMENT);                  \
                assert_null(mgr_##type##_ref(NULL));                                               \
                assert_null(mgr_##type##_proxy(NULL));                                             \
                assert_int_equal(mgr_from_##type(NULL).kind, MGR_KIND_NONE);                       \
                mgr_##type##_free(NULL);                                                           \
                                                                                                   \
                assert_done(open);                                                                 \
                same = named;                                                                      \
                assert_done(open);                                                                 \
                assert_int_equal(mgr_proxy_ident(mgr_##type##_proxy(same)),                        \
                                 mgr_proxy_ident(mgr_##type##_proxy(named)));                      \
                assert_int_equal(mgr_##type##_str(named, NULL), MGR_EARGUMENT);                    \
                assert_yes(mgr_manager_unlink(m, #type[0] == 'n' ? "ns" : #type));                 \
                mgr_##type##_free(same);                                                           \
                mgr_##type##_free(named);                                                          \
                assert_int_equal(count_objects(), n);                                              \
                mgr_dict_free(d);                                                                  \
        }

TYPES(TEST)

static void flags_and_names_go_together(void **state)
{
        mgr_lock *lock;
        mgr_rlock *rlock;

        (void)state;
        assert_done(mgr_lock_open_flags(m, "patient", MGR_NO_DEADLOCK, &lock));
        assert_done(mgr_rlock_open_flags(m, "also patient", MGR_NO_DEADLOCK, &rlock));
        assert_int_equal(mgr_lock_open_flags(m, NULL, 0, &lock), MGR_EARGUMENT);
        assert_int_equal(mgr_rlock_open_flags(m, "x", 2, &rlock), MGR_EARGUMENT);
        assert_yes(mgr_manager_unlink(m, "patient"));
        assert_yes(mgr_manager_unlink(m, "also patient"));
        mgr_lock_free(lock);
        mgr_rlock_free(rlock);
}

#define ROW(type, create, open, text) cmocka_unit_test(type##_has_what_all_proxies_have),

int main(void)
{
        const struct CMUnitTest tests[] = {
                TYPES(ROW) cmocka_unit_test(flags_and_names_go_together),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
