/*
 * test_parcel - proxies that go through a pipe to another process
 */
#include <time.h>

#include "tests/system/workers.h"

static mgr_pipe_end *a, *b;

static int make_pipe(void **state)
{
        (void)state;
        return mgr_pipe(&a, &b, true);
}

static int free_pipe(void **state)
{
        (void)state;
        mgr_pipe_free(a);
        mgr_pipe_free(b);
        return 0;
}

/* The daemon hears of a child's end after we have: then its references go. */
static void until_objects(size_t n)
{
        time_t end = time(NULL) + (time_t)PATIENCE;

        while (count_objects() != n)
                assert_true(time(NULL) < end);
}

/* --- in other processes */

static int send_a_new_list(void *arg)
{
        mgr_list *l;

        (void)arg;
        if (mgr_list_new(m, &l) < 0 || mgr_list_append(l, "made by the sender") < 0 ||
            mgr_pipe_send(b, l) < 0)
                return 1;
        mgr_list_free(l);
        return 0;
}

/* What arrives is a list: its length is the exit code. */
static int receive_a_list(void *arg)
{
        mgr_value value;
        mgr_list *l;
        size_t n;

        (void)arg;
        if (mgr_pipe_recv(a, PATIENCE, &value) < 0 || mgr_value_list(&value, &l) < 0)
                return 100;
        mgr_value_clear(&value);
        if (mgr_list_len(l, &n) < 0)
                return 101;
        mgr_list_free(l);
        return (int)n;
}

/* --- tests */

static void proxy_outlives_its_sender_on_the_way(void **state)
{
        size_t before = count_objects();
        mgr_value value;
        mgr_list *l;

        (void)state;
        assert_int_equal(end_of(start(send_a_new_list, NULL)), 0);
        assert_done(mgr_pipe_recv(a, PATIENCE, &value));
        assert_int_equal(value.kind, MGR_KIND_PROXY);
        assert_done(mgr_value_list(&value, &l));
        mgr_value_clear(&value);
        assert_list(l, "['made by the sender']");
        mgr_list_free(l);
        until_objects(before);
}

static void sender_that_is_killed_loses_nothing_it_has_sent(void **state)
{
        size_t before = count_objects();
        mgr_value value;
        mgr_dict *d;
        pid_t pid;

        (void)state;
        pid = fork();
        if (pid == 0) {
                if (mgr_dict_new(m, &d) == 0 && mgr_dict_set(d, "k", 1) == 0)
                        mgr_pipe_send(b, d);
                for (;;)
                        pause();
        }
        assert_done(mgr_pipe_recv(a, PATIENCE, &value)); /* and only then */
        kill_and_reap(pid);
        assert_done(mgr_value_dict(&value, &d));
        mgr_value_clear(&value);
        assert_dict(d, "{'k': 1}");
        mgr_dict_free(d);
        until_objects(before); /* or it would go while another test counts */
}

static void child_that_has_made_no_call_yet_receives_proxies(void **state)
{
        size_t before = count_objects();
        mgr_list *l;
        pid_t pid = start(receive_a_list, NULL);

        (void)state;
        l = new_range(7); /* it is not among what the child inherits */
        assert_done(mgr_pipe_send(b, l));
        mgr_list_free(l);
        assert_int_equal(end_of(pid), 7);
        until_objects(before);
}

static void proxies_travel_inside_of_containers(void **state)
{
        size_t before = count_objects();
        mgr_value items[3], list, value, element;
        mgr_list *l = new_range(2);
        mgr_dict *d = new_dict();
        mgr_proxy *proxy;

        (void)state;
        items[0] = mgr_from_list(l);
        items[1] = mgr_from_dict(d);
        items[2] = mgr_from_list(l); /* twice */
        assert_done(mgr_compose(MGR_KIND_LIST, items, 3, &list));
        for (int round = 0; round < 3; ++round)
                assert_done(mgr_pipe_send(b, &list));
        mgr_value_clear(&list);
        mgr_list_free(l);
        mgr_dict_free(d);
        assert_int_equal(count_objects(), before + 2); /* on the way */
        for (int round = 0; round < 3; ++round) {
                assert_done(mgr_pipe_recv(a, 0, &value));
                for (int i = 0; i < 3; ++i) {
                        assert_done(mgr_value_at(&value, i, &element));
                        assert_done(mgr_value_proxy(&element, &proxy));
                        mgr_proxy_free(proxy);
                }
                assert_done(mgr_value_at(&value, 2, &element));
                assert_done(mgr_value_list(&element, &l));
                mgr_value_clear(&value);
                assert_list(l, "[0, 1]");
                mgr_list_free(l);
        }
        assert_int_equal(count_objects(), before);
}

static void proxies_that_came_in_a_value_travel_on(void **state)
{
        size_t before = count_objects();
        mgr_list *outer = new_range(0), *inner = new_range(3), *l;
        mgr_value value, copy;

        (void)state;
        assert_done(mgr_list_append(outer, inner));
        mgr_list_free(inner);
        assert_done(mgr_proxy_value(mgr_list_proxy(outer), &value)); /* [proxy] */
        mgr_list_free(outer);
        assert_done(mgr_pipe_send(b, &value));
        assert_done(mgr_value_at(&value, 0, &copy));
        assert_done(mgr_pipe_send(b, &copy));
        mgr_value_clear(&value);
        assert_done(mgr_pipe_recv(a, 0, &value));
        mgr_value_clear(&value);
        assert_done(mgr_pipe_recv(a, 0, &value));
        assert_done(mgr_value_list(&value, &l));
        mgr_value_clear(&value);
        assert_list(l, "[0, 1, 2]");
        mgr_list_free(l);
        assert_int_equal(count_objects(), before);
}

static void many_rounds_leave_no_reference(void **state)
{
        size_t before = count_objects();

        (void)state;
        for (int i = 0; i < 2000; ++i) {
                mgr_dict *d = new_dict();
                mgr_value value;

                assert_done(mgr_pipe_send(b, d));
                if (i & 1)
                        mgr_dict_free(d);
                assert_done(mgr_pipe_recv(a, 0, &value));
                if (!(i & 1))
                        mgr_dict_free(d);
                mgr_value_clear(&value);
        }
        assert_int_equal(count_objects(), before);
}

/* The bytes of a message, which are sent once more. */
static void ticket_that_was_used_is_no_harm_while_somebody_holds_the_objects(void **state)
{
        size_t before = count_objects();
        mgr_list *l = new_range(4), *again;
        mgr_value bytes, value;

        (void)state;
        assert_done(mgr_pipe_send(b, l));
        assert_done(mgr_pipe_recv_bytes(a, 0, &bytes));
        for (int i = 0; i < 4; ++i) {
                assert_done(mgr_pipe_send_bytes(b, bytes.as.text.data, bytes.as.text.size));
                assert_done(mgr_pipe_recv(a, 0, &value));
                assert_done(mgr_value_list(&value, &again));
                mgr_value_clear(&value);
                assert_list(again, "[0, 1, 2, 3]");
                mgr_list_free(again);
        }
        mgr_list_free(l);
        assert_int_equal(count_objects(), before);
        assert_done(mgr_pipe_send_bytes(b, bytes.as.text.data, bytes.as.text.size));
        assert_done(mgr_pipe_send(b, "next"));
        assert_int_equal(mgr_pipe_recv(a, 0, &value), MGR_ENO_OBJECT);
        mgr_value_clear(&bytes);
        assert_done(mgr_pipe_recv(a, 0, &value));
        assert_string_equal(mgr_cstr(&value), "next");
        mgr_value_clear(&value);
        assert_int_equal(count_objects(), before);
}

/* One of two is gone: nothing is kept of the other. */
static void parcel_that_came_too_late_in_part_is_refused_whole(void **state)
{
        size_t before = count_objects();
        mgr_list *stays = new_range(1), *goes = new_range(2);
        mgr_value items[] = { mgr_from_list(stays), mgr_from_list(goes) }, list, bytes, value;

        (void)state;
        assert_done(mgr_compose(MGR_KIND_LIST, items, 2, &list));
        assert_done(mgr_pipe_send(b, &list));
        mgr_value_clear(&list);
        assert_done(mgr_pipe_recv_bytes(a, 0, &bytes));
        assert_done(mgr_pipe_send_bytes(b, bytes.as.text.data, bytes.as.text.size));
        assert_done(mgr_pipe_recv(a, 0, &value)); /* the ticket is used up */
        mgr_value_clear(&value);
        mgr_list_free(goes);
        assert_done(mgr_pipe_send_bytes(b, bytes.as.text.data, bytes.as.text.size));
        mgr_value_clear(&bytes);
        assert_int_equal(mgr_pipe_recv(a, 0, &value), MGR_ENO_OBJECT);
        assert_int_equal(count_objects(), before + 1);
        mgr_list_free(stays);
        assert_int_equal(count_objects(), before);
}

static void proxies_of_two_managers_do_not_travel_together(void **state)
{
        mgr_list *here = new_range(1), *there;
        mgr_manager *other;
        mgr_value items[2], list, value;
        int number;

        (void)state;
        assert_done(mgr_manager_start(&other, NULL));
        assert_done(mgr_list_new(other, &there));
        items[0] = mgr_from_list(here);
        items[1] = mgr_from_list(there);
        if (mgr_compose(MGR_KIND_LIST, items, 2, &list) == 0) {
                assert_int_equal(mgr_pipe_send(b, &list), MGR_EARGUMENT);
                mgr_value_clear(&list);
        }
        assert_done(mgr_pipe_send(b, there)); /* each by itself */
        assert_done(mgr_pipe_send(b, here));
        assert_done(mgr_pipe_send(b, 5));
        for (int i = 0; i < 2; ++i) {
                assert_done(mgr_pipe_recv(a, 0, &value));
                mgr_value_clear(&value);
        }
        assert_done(mgr_pipe_recv(a, 0, &number));
        mgr_list_free(here);
        mgr_manager_free(other);
        assert_error(mgr_pipe_send(b, there), MGR_EGONE, "the manager has been freed");
        assert_int_equal(mgr_pipe_poll(a, 0), 0);
        mgr_list_free(there);
}

/* Exits with 0 where it is refused in so many words. */
static int receive_what_is_unknown(void *arg)
{
        static const char *const text =
                "proxies arrived of a manager that this process is not connected to";
        mgr_value value;
        int number;

        (void)arg;
        if (mgr_pipe_recv(a, PATIENCE, &value) != MGR_ECONNECT || strcmp(mgr_errmsg(), text) != 0)
                return 1;
        return mgr_pipe_recv(a, PATIENCE, &number) == 0 && number == 5 ? 0 : 2;
}

static void proxies_of_a_manager_that_is_not_known_are_refused(void **state)
{
        pid_t pid = start(receive_what_is_unknown, NULL);
        mgr_manager *other;
        mgr_list *l;

        (void)state;
        assert_done(mgr_manager_start(&other, NULL));
        assert_done(mgr_list_new(other, &l));
        assert_done(mgr_pipe_send(b, l));
        assert_done(mgr_pipe_send(b, 5));
        assert_int_equal(end_of(pid), 0);
        mgr_list_free(l);
        mgr_manager_free(other);
}

static void tickets_of_strangers_are_refused_in_words(void **state)
{
        static const struct {
                const char *bytes;
                size_t n;
                int error;
        } tickets[] = {
                { "\x90", 1, MGR_EPROTOCOL },
                { "\1", 1, MGR_EPROTOCOL },
                { "\xc7\4\1\x92\xa1x\1", 7, MGR_EPROTOCOL }, /* an address that is no bytes */
        };
        mgr_value value;
        char bytes[64];

        (void)state;
        for (size_t i = 0; i < sizeof(tickets) / sizeof(tickets[0]); ++i) {
                bytes[0] = 5;
                memcpy(bytes + 1, tickets[i].bytes, tickets[i].n);
                assert_done(mgr_pipe_send_bytes(b, bytes, 1 + tickets[i].n));
                assert_int_equal(mgr_pipe_recv(a, 0, &value), tickets[i].error);
        }
}

/* Packed by hand, they count for nobody, here or there. */
static void tokens_without_references_arrive_as_they_are(void **state)
{
        size_t before = count_objects();
        mgr_list *l = new_range(1), *none;
        mgr_value proxy = mgr_from_list(l), bytes, token, value;

        (void)state;
        assert_done(mgr_value_pack(&proxy, &bytes));
        assert_done(mgr_value_unpack(bytes.as.text.data, bytes.as.text.size, &token));
        mgr_value_clear(&bytes);
        assert_done(mgr_pipe_send(b, &token));
        mgr_value_clear(&token);
        assert_done(mgr_pipe_recv(a, 0, &value));
        assert_int_equal(value.kind, MGR_KIND_PROXY);
        assert_int_equal(mgr_value_list(&value, &none), MGR_ENO_OBJECT);
        mgr_value_clear(&value);
        assert_list(l, "[0]");
        mgr_list_free(l);
        assert_int_equal(count_objects(), before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_pipe, free_pipe)
        const struct CMUnitTest tests[] = {
                TEST(proxy_outlives_its_sender_on_the_way),
                TEST(sender_that_is_killed_loses_nothing_it_has_sent),
                TEST(child_that_has_made_no_call_yet_receives_proxies),
                TEST(proxies_travel_inside_of_containers),
                TEST(proxies_that_came_in_a_value_travel_on),
                TEST(many_rounds_leave_no_reference),
                TEST(ticket_that_was_used_is_no_harm_while_somebody_holds_the_objects),
                TEST(parcel_that_came_too_late_in_part_is_refused_whole),
                TEST(proxies_of_two_managers_do_not_travel_together),
                TEST(proxies_of_a_manager_that_is_not_known_are_refused),
                TEST(tickets_of_strangers_are_refused_in_words),
                TEST(tokens_without_references_arrive_as_they_are),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
