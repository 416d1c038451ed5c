/*
 * array - numbers in memory that two processes share, without a daemon
 *
 *      from multiprocessing import Process, Value, Array
 *
 *      def work(n, a):
 *          n.value = 3.1415927
 *          for i in range(len(a)):
 *              a[i] = -a[i]
 *
 *      n = Value('d', 0.0)
 *      a = Array('i', range(10))
 *      p = Process(target=work, args=(n, a))
 *      p.start()
 *      p.join()
 *      print(n.value)
 *      print(a[:])
 *
 * Both print:
 *
 *      3.1415927
 *      [0, -1, -2, -3, -4, -5, -6, -7, -8, -9]
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N 10

struct numbers {
        mgr_shared_cell *n;
        mgr_shared_array *a;
};

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static mgr_process *start(mgr_target *target, void *arg)
{
        mgr_process *process;

        check(mgr_process_start(&process, target, arg, NULL));
        return process;
}

static void join(mgr_process *process)
{
        int code;

        check(mgr_process_join(process, MGR_FOREVER));
        check(mgr_process_exitcode(process, &code));
        if (code != 0)
                exit(EXIT_FAILURE); /* it has told why */
        mgr_process_free(process);
}

static int work(void *arg)
{
        const struct numbers *numbers = arg;
        int item;

        check(mgr_shared_cell_set(numbers->n, 3.1415927));
        for (size_t i = 0; i < mgr_shared_array_len(numbers->a); ++i) {
                check(mgr_shared_array_get(numbers->a, (int64_t)i, &item));
                check(mgr_shared_array_set(numbers->a, (int64_t)i, -item));
        }
        return 0;
}

static void print(mgr_value *value)
{
        mgr_value text;

        check(mgr_value_str(value, &text));
        printf("%s\n", mgr_cstr(&text));
        mgr_value_clear(&text);
        mgr_value_clear(value);
}

int main(void)
{
        struct numbers numbers;
        long long range[N];
        mgr_value value;

        for (int i = 0; i < N; ++i)
                range[i] = i;
        check(mgr_shared_cell_new('d', 0.0, 0, &numbers.n));
        check(mgr_shared_array_new('i', range, N, 0, &numbers.a));

        join(start(work, &numbers));

        check(mgr_shared_cell_get(numbers.n, &value));
        print(&value);
        check(mgr_shared_array_get_slice(numbers.a, mgr_slice_of(MGR_OMIT, MGR_OMIT), &value));
        print(&value);

        mgr_shared_cell_free(numbers.n);
        mgr_shared_array_free(numbers.a);
        return EXIT_SUCCESS;
}
