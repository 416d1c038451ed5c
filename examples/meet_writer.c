/*
 * meet_writer - one of two programs that have nothing in common but a name
 *
 * The other one is meet_reader. Both connect to a daemon that is running already,
 *
 *      managerd &
 *
 * and open the list "mailbox". It comes into being when the first of them opens it, and
 * stays when both have gone. This one puts two messages in. The daemon's address may be given
 * as the first argument, if it is not the usual one.
 *
 * In Python, where the manager is a program of its own that has to know of the list:
 *
 *      class MailManager(BaseManager):
 *          pass
 *
 *      MailManager.register("mailbox")
 *      manager = MailManager(address="/tmp/mail", authkey=b"secret")
 *      manager.connect()
 *      mailbox = manager.mailbox()
 *      mailbox.append("hello")
 *      mailbox.append("how are you?")
 */
#include <manager.h>

#include <stdio.h>
#include <stdlib.h>

static void check(int r)
{
        if (r >= 0)
                return;
        fprintf(stderr, "meet_writer: %s\n", mgr_errmsg());
        exit(EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
        const char *address = argc > 1 ? argv[1] : NULL; /* NULL: the usual one */
        mgr_manager *manager;
        mgr_list *mailbox;

        check(mgr_connect(&manager, address, NULL)); /* the key lies in a file beside the socket */
        check(mgr_list_open(manager, "mailbox", &mailbox));
        check(mgr_list_append(mailbox, "hello"));
        check(mgr_list_append(mailbox, "how are you?"));
        mgr_list_free(mailbox);
        mgr_manager_free(manager);
        return EXIT_SUCCESS;
}
