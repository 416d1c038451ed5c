/*
 * meet_reader - the other one of two programs that meet by name: see meet_writer.c
 *
 * Takes two messages out of the list "mailbox", whoever puts them in, and waits for each
 * until there is one. Any number of readers may wait: those who came first are served first,
 * and no message is given to two of them. With meet_writer it prints:
 *
 *      hello
 *      how are you?
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

#define N_MESSAGES 2

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "meet_reader: %s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
        const char *address = argc > 1 ? argv[1] : NULL; /* NULL: the usual one */
        mgr_manager *manager;
        mgr_list *mailbox;

        check(mgr_connect(&manager, address, NULL));
        check(mgr_list_open(manager, "mailbox", &mailbox));
        for (int i = 0; i < N_MESSAGES; ++i) {
                mgr_value message;

                check(mgr_list_take(mailbox, MGR_FOREVER, &message));
                printf("%s\n", mgr_cstr(&message));
                mgr_value_clear(&message);
        }
        mgr_list_free(mailbox);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
