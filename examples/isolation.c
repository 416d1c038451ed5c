/*
 * isolation - what processes do not share: globals
 *
 * A child gets a copy of all variables. What it writes to them nobody else sees; that is what
 * managers are for.
 *
 * In Python:
 *
 *      from multiprocessing import Manager, Process
 *
 *      numbers = []
 *
 *      def add(shared):
 *              for i in range(5):
 *                      numbers.append(i)
 *                      shared.append(i)
 *              print('in the child:', len(numbers), 'numbers')
 *
 *      with Manager() as m:
 *              shared = m.list()
 *              p = Process(target=add, args=(shared,))
 *              p.start()
 *              p.join()
 *              print('in the parent:', len(numbers), 'numbers')
 *              print('in the manager:', shared)
 *
 * It prints:
 *
 *      in the child: 5 numbers
 *      in the parent: 0 numbers
 *      in the manager: [0, 1, 2, 3, 4]
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

static int numbers[100];
static int n_numbers;

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static int add(void *arg)
{
        mgr_list *shared = arg;

        for (int i = 0; i < 5; ++i) {
                numbers[n_numbers++] = i;
                check(mgr_list_append(shared, i));
        }
        printf("in the child: %d numbers\n", n_numbers);
        return 0;
}

int main(void)
{
        mgr_list *shared;
        mgr_manager *m;
        mgr_process *p;
        mgr_value text;

        check(mgr_manager_start(&m, NULL));
        check(mgr_list_new(m, &shared));
        check(mgr_process_start(&p, add, shared, NULL));
        check(mgr_process_join(p, MGR_FOREVER));
        mgr_process_free(p);

        printf("in the parent: %d numbers\n", n_numbers);
        check(mgr_list_str(shared, &text));
        printf("in the manager: %s\n", mgr_cstr(&text));
        mgr_value_clear(&text);
        mgr_list_free(shared);
        mgr_manager_free(m);
        return 0;
}
