/*
 * test_cxx - manager.h in C++11: the same names, overloads instead of _Generic
 */
#include <cstdio>
#include <cstring>
#include <string>

#include "manager.h"

static int n_failed;

static void check(bool ok, const char *what, int line)
{
        if (ok)
                return;
        std::printf("line %d: %s: %s\n", line, what, mgr_errmsg());
        ++n_failed;
}

#define CHECK(condition) check(condition, #condition, __LINE__)

/* A C++ program would have something like it: the values that come out are its own to clear. */
class Value
{
        mgr_value value_ = MGR_NONE;

      public:
        Value() = default;
        Value(const Value &) = delete;
        Value &operator=(const Value &) = delete;
        ~Value()
        {
                mgr_value_clear(&value_);
        }
        mgr_value *out()
        {
                return &value_;
        }
        std::string str() const
        {
                return std::string(mgr_cstr(&value_), mgr_value_len(&value_));
        }
        int kind() const
        {
                return value_.kind;
        }
};

static void dict_takes_cxx_types(mgr_manager *m)
{
        const std::string name = "name";
        mgr_dict *d;
        long long age = 0;
        double real = 0;
        bool yes = false;
        int r;

        CHECK(mgr_dict_new(m, &d) == 0);
        CHECK(mgr_dict_set(d, name, std::string("B\0b", 3)) == 0);
        CHECK(mgr_dict_set(d, "age", 18) == 0);
        CHECK(mgr_dict_set(d, 1.5, true) == 0);
        CHECK(mgr_dict_set(d, nullptr, 2.5) == 0);
        CHECK(mgr_dict_set(d, "self", d) == 0);
        CHECK(mgr_dict_get(d, "age", &age) == 0 && age == 18);
        CHECK(mgr_dict_get(d, 1.5, &yes) == 0 && yes);
        CHECK(mgr_dict_get(d, nullptr, &real) == 0 && real == 2.5);
        CHECK(mgr_dict_get(d, "age", nullptr) == 0);
        {
                Value value;

                CHECK(mgr_dict_get(d, name.c_str(), value.out()) == 0);
                CHECK(value.str() == std::string("B\0b", 3));
        }
        {
                Value value;

                CHECK(mgr_dict_get(d, "self", value.out()) == 0);
                CHECK(value.kind() == MGR_KIND_PROXY);
        }
        r = mgr_dict_get(d, "missing", &age);
        CHECK(r == MGR_EKEY && std::strcmp(mgr_errmsg(), "KeyError: 'missing'") == 0);
        CHECK(mgr_dict_incr(d, "age", 24, &age) == 0 && age == 42);
        mgr_dict_free(d);
}

static void list_and_batch(mgr_manager *m)
{
        mgr_batch *b;
        mgr_list *l;
        mgr_value value;

        CHECK(mgr_list_new(m, &l) == 0);
        CHECK(mgr_list_append(l, std::string("text")) == 0);
        CHECK(mgr_list_extend(l, "ab") == 0);
        CHECK(mgr_list_set_slice(l, mgr_slice_of(1, MGR_OMIT), "xyz") == 0);
        CHECK(mgr_batch_new(m, &b) == 0);
        for (int i = 0; i < 4; ++i)
                CHECK(mgr_batch_list_get(b, l, i) == 0);
        CHECK(mgr_batch_run(b) == 0);
        CHECK(mgr_batch_result(b, 0, &value) == 0 && std::strcmp(mgr_cstr(&value), "text") == 0);
        CHECK(mgr_batch_result(b, 3, &value) == 0 && std::strcmp(mgr_cstr(&value), "z") == 0);
        mgr_batch_free(b);
        {
                Value text;

                CHECK(mgr_list_str(l, text.out()) == 0);
                CHECK(text.str() == "['text', 'x', 'y', 'z']");
        }
        mgr_list_free(l);
}

static void queue_takes_cxx_types(mgr_manager *m)
{
        mgr_queue_options options = MGR_QUEUE_OPTIONS_INIT;
        mgr_queue *q;
        std::uint64_t n;
        double number;

        options.redeliver = true;
        CHECK(mgr_queue_new(m, 0, &options, &q) == 0);
        CHECK(mgr_queue_put(q, 1.5, 0) == 0);
        CHECK(mgr_queue_put(q, std::string("x"), MGR_FOREVER) == 0);
        CHECK(mgr_queue_put(q, q, 0) == 0);
        CHECK(mgr_queue_get(q, 0, &number) == 0 && number == 1.5);
        CHECK(mgr_queue_get_delivery(q, 0, nullptr, &n) == 0 && n == 1);
        CHECK(mgr_queue_get(q, 0, nullptr) == 0 && mgr_queue_get(q, 0, nullptr) == MGR_EEMPTY);
        mgr_queue_free(q);
}

static void add(void *arg, int error, const mgr_value *item)
{
        if (error == 0)
                *static_cast<std::int64_t *>(arg) += item->as.integer;
}

static void calls_are_in_flight_in_cxx(mgr_manager *m)
{
        std::int64_t sum = 0;
        mgr_calls *calls;
        mgr_call *call;
        mgr_queue *q;

        CHECK(mgr_queue_new(m, 0, nullptr, &q) == 0 && mgr_calls_new(m, &calls) == 0);
        CHECK(mgr_calls_queue_get(calls, q, MGR_FOREVER, add, &sum, &call) == 0);
        CHECK(mgr_calls_queue_put(calls, q, 5, 0, nullptr, nullptr, nullptr) == 0);
        CHECK(mgr_call_wait(call, MGR_FOREVER) == 0 && mgr_call_result(call, nullptr) == 0);
        CHECK(sum == 5);
        mgr_call_free(call);
        mgr_calls_free(calls);
        mgr_queue_free(q);
}

static void set_takes_cxx_types(mgr_manager *m)
{
        const mgr_set *same;
        mgr_set *s;
        int first;

        CHECK(mgr_set_new(m, &s) == 0);
        same = s;
        CHECK(mgr_set_add(s, 7) == 0 && mgr_set_add(s, std::string("text")) == 0);
        CHECK(mgr_set_issuperset(same, same) == 1 && mgr_set_contains(s, "text") == 1);
        CHECK(mgr_set_pop(s, &first) == 0 && first == 7);
        CHECK(mgr_set_pop(s, nullptr) == 0 && mgr_set_pop(s, nullptr) == MGR_EKEY);
        mgr_set_free(s);
}

/* The macros that have not been there yet. */
static void dict_has_all_its_macros(mgr_manager *m)
{
        Value all, other, keys, third;
        mgr_dict *d = nullptr;
        int i = 0;

        CHECK(mgr_dict_new(m, &d) == 0 && mgr_dict_set(d, "a", 1) == 0);
        CHECK(mgr_dict_update(d, d) == 0 && mgr_dict_contains(d, "a") == 1);
        CHECK(mgr_dict_or(d, d, all.out()) == 0 && mgr_dict_ror(d, d, other.out()) == 0);
        CHECK(mgr_dict_fromkeys(d, "ab", 0, keys.out()) == 0 && mgr_value_len(keys.out()) == 2);
        CHECK(mgr_dict_get_default(d, "b", 7, &i) == 0 && i == 7);
        CHECK(mgr_dict_setdefault(d, "b", 8, &i) == 0 && i == 8);
        CHECK(mgr_dict_compare_and_swap(d, "b", 8, "x") == 1);
        CHECK(mgr_dict_pop(d, "b", third.out()) == 0 && third.str() == "x");
        CHECK(mgr_dict_pop_default(d, "b", 9, &i) == 0 && i == 9);
        CHECK(mgr_dict_delete(d, "a") == 0 && mgr_dict_delete(d, "a") == MGR_EKEY);
        mgr_dict_free(d);
}

static void list_has_all_its_macros(mgr_manager *m)
{
        Value sum;
        mgr_list *l = nullptr;
        size_t n;
        int i = 0;

        CHECK(mgr_list_new(m, &l) == 0 && mgr_list_append(l, 1) == 0);
        CHECK(mgr_list_insert(l, 0, 5) == 0 && mgr_list_set(l, 1, 6) == 0);
        CHECK(mgr_list_get(l, 1, &i) == 0 && i == 6);
        CHECK(mgr_list_incr(l, 1, 2, &i) == 0 && i == 8);
        CHECK(mgr_list_compare_and_swap(l, 1, 8, 9) == 1 && mgr_list_contains(l, 9) == 1);
        CHECK(mgr_list_index(l, 9, 0, MGR_OMIT, &n) == 0 && n == 1);
        CHECK(mgr_list_count(l, 9, &n) == 0 && n == 1);
        CHECK(mgr_list_add(l, MGR_NONE, sum.out()) == MGR_ETYPE);
        CHECK(mgr_list_remove(l, 9) == 0 && mgr_list_pop(l, -1, &i) == 0 && i == 5);
        CHECK(mgr_list_take(l, 0, nullptr) == MGR_EEMPTY);
        mgr_list_free(l);
}

static void set_has_all_its_macros(mgr_manager *m)
{
        Value sets[4];
        mgr_set *s;

        CHECK(mgr_set_new(m, &s) == 0 && mgr_set_update(s, "abcd") == 0);
        CHECK(mgr_set_union(s, "e", sets[0].out()) == 0 && mgr_value_len(sets[0].out()) == 5);
        CHECK(mgr_set_intersection(s, "abe", sets[1].out()) == 0);
        CHECK(mgr_set_difference(s, "a", sets[2].out()) == 0);
        CHECK(mgr_set_symmetric_difference(s, "ae", sets[3].out()) == 0);
        CHECK(mgr_set_difference_update(s, "d") == 0 && mgr_set_discard(s, 5) == 0);
        CHECK(mgr_set_intersection_update(s, "abx") == 0 && mgr_set_remove(s, "b") == 0);
        CHECK(mgr_set_symmetric_difference_update(s, "ac") == 0 && mgr_set_contains(s, "c") == 1);
        CHECK(mgr_set_isdisjoint(s, "xyz") == 1 && mgr_set_issubset(s, "cd") == 1);
        mgr_set_free(s);
}

static void batch_and_builder_have_all_their_macros(mgr_manager *m)
{
        Value built;
        mgr_builder *builder;
        mgr_batch *b;
        mgr_dict *d = nullptr;
        mgr_list *l = nullptr;

        CHECK(mgr_batch_new(m, &b) == 0 && mgr_dict_new(m, &d) == 0 && mgr_list_new(m, &l) == 0);
        CHECK(mgr_batch_dict_set(b, d, std::string("n"), 1) == 0);
        CHECK(mgr_batch_dict_incr(b, d, "n", 2) == 0 && mgr_batch_dict_get(b, d, "n") == 0);
        CHECK(mgr_batch_list_append(b, l, d) == 0 && mgr_batch_run(b) == 0);
        CHECK(mgr_builder_new(&builder) == 0);
        mgr_builder_begin(builder, MGR_KIND_LIST);
        mgr_builder_add(builder, d);
        mgr_builder_add(builder, nullptr);
        mgr_builder_end(builder);
        CHECK(mgr_builder_finish(builder, built.out()) == 0 && mgr_value_len(built.out()) == 2);
        mgr_builder_free(builder);
        mgr_batch_free(b);
        mgr_dict_free(d);
        mgr_list_free(l);
}

/* Handles of all types are values, const or not. */
static void locks_and_their_like_are_values(mgr_manager *m)
{
        const mgr_condition *same;
        mgr_condition *condition;
        mgr_semaphore *semaphore = nullptr;
        mgr_barrier *barrier = nullptr;
        mgr_rlock *rlock;
        mgr_event *event;
        mgr_grant grant;
        mgr_lock *lock = nullptr;
        mgr_list *l = nullptr;

        CHECK(mgr_list_new(m, &l) == 0 && mgr_lock_new(m, &lock) == 0);
        CHECK(mgr_rlock_new(m, &rlock) == 0 && mgr_semaphore_new(m, 1, &semaphore) == 0);
        CHECK(mgr_condition_new(m, mgr_lock_proxy(lock), &condition) == 0);
        CHECK(mgr_event_new(m, &event) == 0 && mgr_barrier_new(m, 1, &barrier) == 0);
        same = condition;
        CHECK(mgr_list_append(l, lock) == 0 && mgr_list_append(l, rlock) == 0);
        CHECK(mgr_list_append(l, same) == 0 && mgr_list_append(l, semaphore) == 0);
        CHECK(mgr_list_append(l, event) == 0 && mgr_list_append(l, barrier) == 0);
        CHECK(mgr_list_contains(l, condition) == 1 && mgr_v(event).kind == MGR_KIND_PROXY);
        CHECK(mgr_condition_acquire(same, MGR_FOREVER, &grant) == 0 && grant.fence);
        CHECK(mgr_condition_wait_for(
                      same, [](void *) { return 1; }, nullptr, 0, nullptr) == 0);
        CHECK(mgr_lock_release(lock) == 0 && mgr_barrier_wait(barrier, 0, nullptr) == 0);
        mgr_condition_free(condition);
        mgr_semaphore_free(semaphore);
        mgr_barrier_free(barrier);
        mgr_event_free(event);
        mgr_rlock_free(rlock);
        mgr_lock_free(lock);
        mgr_list_free(l);
}

static void namespace_cell_and_array_take_cxx_types(mgr_manager *m)
{
        const long long items[] = { 1, 2, 3 };
        double back[3] = { 0, 0, 0 };
        mgr_namespace *ns;
        mgr_array *a;
        mgr_cell *c = nullptr;
        size_t n;
        bool flag;
        int i;

        CHECK(mgr_namespace_new(m, &ns) == 0 && mgr_cell_new(m, "i", 5, &c) == 0);
        CHECK(mgr_namespace_set(ns, "cell", c) == 0 && mgr_namespace_set(ns, "on", true) == 0);
        CHECK(mgr_namespace_get(ns, "on", &flag) == 0 && flag);
        CHECK(mgr_cell_incr(c, 2, &i) == 0 && i == 7 && mgr_cell_swap(c, "x", nullptr) == 0);
        CHECK(mgr_array_new(m, 'h', items, 3, &a) == 0 && mgr_array_set(a, -1, 9) == 0);
        CHECK(mgr_array_read(a, 1, back, 3, &n) == 0 && n == 2 && back[1] == 9.0);
        CHECK(mgr_array_read(a, 0, back, 1, nullptr) == 0 && back[0] == 1.0);
        CHECK(mgr_cell_set(c, a) == 0 && mgr_cell_compare_and_swap(c, a, 4) == 1);
        CHECK(mgr_cell_get(c, &i) == 0 && i == 4);
        CHECK(mgr_array_get(a, 2, &i) == 0 && i == 9 && mgr_array_incr(a, 2, 1, &i) == 0);
        CHECK(mgr_array_compare_and_swap(a, 2, 10, 3) == 1);
        CHECK(mgr_array_set_slice(a, mgr_slice_of(0, 1), a) == 0);
        CHECK(mgr_namespace_set(ns, "n", 1) == 0 && mgr_namespace_incr(ns, "n", 2, &i) == 0);
        CHECK(mgr_namespace_compare_and_swap(ns, "n", 3, nullptr) == 1);
        mgr_cell_free(c);
        CHECK(mgr_cell_open(m, "cell", "d", 1.5, &c) == 0);
        CHECK(mgr_manager_unlink(m, "cell") == 1);
        mgr_namespace_free(ns);
        mgr_cell_free(c);
        mgr_array_free(a);
}

static int add_all(const mgr_value *args, size_t n_args, mgr_value *result)
{
        int64_t sum = 0;

        for (size_t i = 0; i < n_args; ++i)
                sum += args[i].as.integer;
        *result = mgr_int(sum);
        return 0;
}

static int up_to_three(void *arg, mgr_value *item)
{
        int *n = static_cast<int *>(arg);

        *item = mgr_int(*n);
        return (*n)++ < 3;
}

static void pool_takes_cxx_types()
{
        mgr_pool_options options = MGR_POOL_OPTIONS_INIT;
        const mgr_value items[] = { mgr_int(1), mgr_int(2) };
        mgr_value results[2], tuple;
        mgr_result *result;
        mgr_imap *imap;
        mgr_pool *pool;
        int i, n = 0;

        options.n_workers = 2;
        CHECK(mgr_function_register("add_all", add_all) == 0);
        CHECK(mgr_pool_new(&pool, &options) == 0);
        CHECK(mgr_pool_apply(pool, add_all, &i, 1, 2L, true) == 0 && i == 4);
        CHECK(mgr_pool_apply(pool, "add_all", &i) == 0 && i == 0);
        CHECK(mgr_pool_apply(pool, mgr_callable_name("add_all"), nullptr, 4) == 0);
        CHECK(mgr_pool_apply_async(pool, add_all, nullptr, &result, 4, 5) == 0);
        CHECK(mgr_result_get(result, MGR_FOREVER, &i) == 0 && i == 9);
        mgr_result_free(result);
        CHECK(mgr_pool_map(pool, add_all, items, 2, 0, results) == 0);
        CHECK(results[1].as.integer == 2);
        CHECK(mgr_compose(MGR_KIND_TUPLE, items, 2, &tuple) == 0);
        CHECK(mgr_pool_starmap(pool, add_all, &tuple, 1, 0, results) == 0);
        CHECK(results[0].as.integer == 3);
        CHECK(mgr_pool_starmap_async(pool, add_all, &tuple, 1, 0, nullptr, nullptr) == 0);
        CHECK(mgr_pool_map_async(pool, add_all, items, 2, 0, nullptr, nullptr) == 0);
        CHECK(mgr_pool_imap(pool, add_all, up_to_three, &n, 0, &imap) == 0);
        CHECK(mgr_imap_next(imap, MGR_FOREVER, &i) == 1 && i == 0);
        mgr_imap_free(imap);
        n = 2;
        CHECK(mgr_pool_imap_unordered(pool, "add_all", up_to_three, &n, 0, &imap) == 0);
        CHECK(mgr_imap_next(imap, MGR_FOREVER, &i) == 1 && i == 2);
        CHECK(mgr_imap_next(imap, MGR_FOREVER, &i) == 0 && i == 2);
        mgr_imap_free(imap);
        mgr_value_clear(&tuple);
        mgr_pool_free(pool);
}

int main()
{
        mgr_options options = MGR_OPTIONS_INIT;
        mgr_manager *m;

        options.name = "test_cxx";
        if (mgr_manager_start(&m, &options) < 0) {
                std::printf("%s\n", mgr_errmsg());
                return 1;
        }
        dict_takes_cxx_types(m);
        list_and_batch(m);
        queue_takes_cxx_types(m);
        calls_are_in_flight_in_cxx(m);
        set_takes_cxx_types(m);
        namespace_cell_and_array_take_cxx_types(m);
        dict_has_all_its_macros(m);
        list_has_all_its_macros(m);
        set_has_all_its_macros(m);
        batch_and_builder_have_all_their_macros(m);
        locks_and_their_like_are_values(m);
        pool_takes_cxx_types();
        mgr_manager_free(m);
        return n_failed != 0;
}
