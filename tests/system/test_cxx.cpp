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
        CHECK(mgr_queue_put(q, 1.5, 0) == 0 && mgr_queue_put(q, std::string("x"), MGR_FOREVER) == 0);
        CHECK(mgr_queue_put(q, q, 0) == 0);
        CHECK(mgr_queue_get(q, 0, &number) == 0 && number == 1.5);
        CHECK(mgr_queue_get_delivery(q, 0, nullptr, &n) == 0 && n == 1);
        CHECK(mgr_queue_get(q, 0, nullptr) == 0 && mgr_queue_get(q, 0, nullptr) == MGR_EEMPTY);
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

static void namespace_cell_and_array_take_cxx_types(mgr_manager *m)
{
        const long long items[] = { 1, 2, 3 };
        double back[3] = { 0, 0, 0 };
        mgr_namespace *ns;
        mgr_array *a;
        mgr_cell *c;
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
        CHECK(mgr_cell_set(c, a) == 0);
        mgr_namespace_free(ns);
        mgr_cell_free(c);
        mgr_array_free(a);
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
        set_takes_cxx_types(m);
        namespace_cell_and_array_take_cxx_types(m);
        mgr_manager_free(m);
        return n_failed != 0;
}
