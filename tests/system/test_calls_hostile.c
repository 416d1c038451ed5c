/*
 * test_calls_hostile - calls in flight whose daemon answers what it likes
 *
 * The session is made with a real daemon; then this program itself takes the daemon's place at the
 * other end, by putting another socket where the connection's was.
 */
#include <fcntl.h>
#include <sys/socket.h>

#include "tests/system/calls.h"

struct hostile {
        mgr_calls *calls;
        mgr_queue *q;
        mgr_lock *lock;
        int server; /* the other end */
};

static struct hostile hostile_new(void)
{
        struct hostile h = { .calls = new_calls(), .q = new_queue(0) };
        int fds[2];

        assert_done(mgr_lock_new(m, &h.lock));
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_true(dup3(fds[0], mgr_fd(h.calls), O_CLOEXEC) >= 0);
        close(fds[0]);
        h.server = fds[1];
        return h;
}

static void hostile_free(struct hostile *h)
{
        close(h->server);
        mgr_calls_free(h->calls);
        mgr_queue_free(h->q);
        mgr_lock_free(h->lock);
}

static void say(struct hostile *h, const void *bytes, size_t size)
{
        assert_int_equal(write(h->server, bytes, size), (ssize_t)size);
}

/* [kind, value, {"i": number}]: a kind of 7 letters; a value of one byte. */
static void reply(struct hostile *h, const char *kind, unsigned value, unsigned number)
{
        const uint8_t frame[] = { 0,       0,
                                  0,       14,
                                  0x93,    0xa7,
                                  kind[0], kind[1],
                                  kind[2], kind[3],
                                  kind[4], kind[5],
                                  kind[6], (uint8_t)value,
                                  0x81,    0xa1,
                                  'i',     (uint8_t)number };

        say(h, frame, sizeof(frame));
}

#define RETURN "#RETURN"
#define TRUE   0xc3

/* The n-th call of a session has this number. */
static mgr_call *start_get(struct hostile *h, struct outcome *outcome)
{
        mgr_call *call;

        assert_done(mgr_calls_queue_get(h->calls, h->q, MGR_FOREVER, note, outcome, &call));
        until_sent(h->calls);
        return call;
}

/* Until so many calls have ended, and no more. */
static void assert_end(struct hostile *h, int expected)
{
        int n = 0;

        while (n < expected) {
                int r = mgr_calls_wait(h->calls, PATIENCE);

                assert_true(r > 0);
                n += r;
        }
        assert_int_equal(n, expected);
}

static void replies_come_in_any_order_and_in_pieces(void **state)
{
        static const uint8_t bytes[] = { 0,   0,   0,   14,  0x93, 0xa7, '#',  'R', 'E',
                                         'T', 'U', 'R', 'N', 7,    0x81, 0xa1, 'i', 1 };
        struct hostile h = hostile_new();
        struct outcome outcomes[3] = { { 0 } };
        mgr_call *calls[3];

        (void)state;
        for (int i = 0; i < 3; ++i)
                calls[i] = start_get(&h, &outcomes[i]);
        reply(&h, RETURN, 9, 3);
        reply(&h, RETURN, 8, 2);
        assert_end(&h, 2);
        for (size_t i = 0; i < sizeof(bytes); ++i) {
                assert_int_equal(outcomes[0].n, 0);
                say(&h, &bytes[i], 1);
                if (i < sizeof(bytes) - 1)
                        assert_done(mgr_process_events(h.calls));
        }
        assert_end(&h, 1);
        for (int i = 0; i < 3; ++i) {
                assert_int_equal(outcomes[i].n, 1);
                assert_int_equal(outcomes[i].result.as.integer, 7 + i);
                assert_call(calls[i], 0);
        }
        hostile_free(&h);
}

static void a_second_reply_is_dropped(void **state)
{
        struct hostile h = hostile_new();
        struct outcome outcomes[2] = { { 0 } };
        mgr_call *first = start_get(&h, &outcomes[0]), *second = start_get(&h, &outcomes[1]);

        (void)state;
        reply(&h, RETURN, 1, 1);
        reply(&h, RETURN, 2, 1);
        assert_end(&h, 1);
        reply(&h, RETURN, 3, 1);
        reply(&h, RETURN, 4, 2);
        assert_end(&h, 1);
        assert_int_equal(outcomes[0].n, 1);
        assert_int_equal(outcomes[0].result.as.integer, 1);
        assert_int_equal(outcomes[1].result.as.integer, 4);
        assert_call(first, 0);
        assert_call(second, 0);
        hostile_free(&h);
}

static void a_strange_result_fails_its_call_alone(void **state)
{
        struct hostile h = hostile_new();
        struct outcome outcome = { 0 };
        mgr_call *acquires, *fails, *gets;

        (void)state;
        assert_done(mgr_calls_lock_acquire(h.calls, h.lock, MGR_FOREVER, NULL, NULL, &acquires));
        assert_done(mgr_calls_lock_acquire(h.calls, h.lock, MGR_FOREVER, NULL, NULL, &fails));
        until_sent(h.calls);
        gets = start_get(&h, &outcome);
        reply(&h, RETURN, 5, 1);       /* no bool */
        reply(&h, "#ERROR1", TRUE, 2); /* no kind of a reply */
        while (mgr_process_events(h.calls) >= 0)
                ;
        assert_int_equal(mgr_process_events(h.calls), MGR_EPROTOCOL);
        assert_call(acquires, MGR_EPROTOCOL);
        assert_call(fails, MGR_EUNKNOWN_OUTCOME);
        assert_call(gets, MGR_EUNKNOWN_OUTCOME);
        assert_int_equal(outcome.n, 1);
        hostile_free(&h);
}

/* What ends the session: a call under way has ended, once, and so does what is tried later. */
static void assert_ends(const void *bytes, size_t size, int expected)
{
        struct hostile h = hostile_new();
        struct outcome outcome = { 0 };
        mgr_call *call = start_get(&h, &outcome);

        say(&h, bytes, size);
        shutdown(h.server, SHUT_WR);
        assert_int_equal(mgr_calls_wait(h.calls, PATIENCE), expected);
        assert_int_equal(mgr_calls_wait(h.calls, PATIENCE), expected);
        assert_int_equal(mgr_process_events(h.calls), expected);
        assert_int_equal(mgr_calls_queue_get(h.calls, h.q, 0, note, &outcome, NULL), expected);
        assert_int_equal(outcome.n, 1);
        assert_int_equal(outcome.error, MGR_EUNKNOWN_OUTCOME);
        assert_call(call, MGR_EUNKNOWN_OUTCOME);
        hostile_free(&h);
}

#define assert_bytes_end(literal, expected) assert_ends("" literal, sizeof(literal) - 1, expected)

static void nonsense_ends_the_session(void **state)
{
        (void)state;
        /* to a number that was not given yet; to a plain request, which there was none of */
        assert_bytes_end("\0\0\0\x0e\x93\xa7#RETURN\xc3\x81\xa1i\x02", MGR_EPROTOCOL);
        assert_bytes_end("\0\0\0\x0e\x93\xa7#RETURN\xc3\x81\xa1i\0", MGR_EPROTOCOL);
        assert_bytes_end("\0\0\0\x0a\x92\xa7#RETURN\xc3", MGR_EPROTOCOL);
        /* no reply, no msgpack, no frame */
        assert_bytes_end("\0\0\0\x01\xc0", MGR_EPROTOCOL);
        assert_bytes_end("\0\0\0\x05\xdd\x10\0\0\0", MGR_EPROTOCOL);
        assert_bytes_end("\0\0\0\0", MGR_EPROTOCOL);
        assert_bytes_end("\xff\xff\xff\xff", MGR_EPROTOCOL);
        /* the beginning of something large, of which nothing more comes */
        assert_bytes_end("\x7f\xff\xff\xff\x93\xa7#RETURN", MGR_EGONE);
        assert_bytes_end("", MGR_EGONE);
}

/* What came before the end is not lost with it. */
static void replies_before_the_end_are_read(void **state)
{
        struct hostile h = hostile_new();
        struct outcome outcomes[2] = { { 0 } };
        mgr_call *first = start_get(&h, &outcomes[0]), *second = start_get(&h, &outcomes[1]);

        (void)state;
        reply(&h, RETURN, 1, 1);
        shutdown(h.server, SHUT_RDWR);
        assert_done(mgr_calls_queue_get(h.calls, h.q, 0, NULL, NULL, NULL)); /* cannot be sent */
        assert_end(&h, 1);
        while (mgr_process_events(h.calls) >= 0)
                ;
        assert_int_equal(mgr_process_events(h.calls), MGR_EGONE);
        assert_call(first, 0);
        assert_int_equal(outcomes[1].n, 1);
        assert_call(second, MGR_EUNKNOWN_OUTCOME);
        hostile_free(&h);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(replies_come_in_any_order_and_in_pieces),
                cmocka_unit_test(a_second_reply_is_dropped),
                cmocka_unit_test(a_strange_result_fails_its_call_alone),
                cmocka_unit_test(nonsense_ends_the_session),
                cmocka_unit_test(replies_before_the_end_are_read),
        };

        return cmocka_run_group_tests(tests, start_manager, end_manager);
}
