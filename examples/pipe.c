/*
 * pipe - a list goes through a pipe from one process to another
 *
 *      from multiprocessing import Pipe, Process
 *
 *      def work(conn):
 *          conn.send([42, None, 'hello'])
 *          conn.close()
 *
 *      if __name__ == '__main__':
 *          parent_conn, child_conn = Pipe()
 *          p = Process(target=work, args=(child_conn,))
 *          p.start()
 *          child_conn.close()
 *          print(parent_conn.recv())
 *          try:
 *              parent_conn.recv()
 *          except EOFError:
 *              print('that was all')
 *          p.join()
 *
 * It prints:
 *
 *      [42, None, 'hello']
 *      that was all
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

struct pipe {
        mgr_pipe_end *parent, *child;
};

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "%s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

static int work(void *arg)
{
        const mgr_value items[] = { mgr_int(42), MGR_NONE, mgr_str("hello") };
        struct pipe *conn = arg;
        mgr_value list;
        int r;

        mgr_pipe_free(conn->parent); /* this process has a copy of both */
        if (mgr_compose(MGR_KIND_LIST, items, 3, &list) < 0)
                return EXIT_FAILURE;
        r = mgr_pipe_send(conn->child, &list);
        mgr_value_clear(&list);
        mgr_pipe_free(conn->child);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
        mgr_value value, text;
        mgr_process *p;
        struct pipe conn;
        int r;

        check(mgr_pipe(&conn.parent, &conn.child, true));
        check(mgr_process_start(&p, work, &conn, NULL));
        mgr_pipe_free(conn.child); /* or the pipe would never end */

        check(mgr_pipe_recv(conn.parent, MGR_FOREVER, &value));
        check(mgr_value_repr(&value, &text));
        printf("%s\n", mgr_cstr(&text));
        mgr_value_clear(&text);
        mgr_value_clear(&value);

        r = mgr_pipe_recv(conn.parent, MGR_FOREVER, &value);
        if (r != MGR_EEOF)
                check(r);
        printf("that was all\n");

        check(mgr_process_join(p, MGR_FOREVER));
        mgr_process_free(p);
        mgr_pipe_free(conn.parent);
        return EXIT_SUCCESS;
}
