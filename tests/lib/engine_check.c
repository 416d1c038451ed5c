/*
 * engine_check - whether an engine's state contradicts itself
 */
#include "tests/lib/engine_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "managerd/engine/state.h"
#include "proto/value.h"
#include "tests/lib/queue_check.h"
#include "tests/lib/wait_check.h"

/* What was counted for one live object. */
struct tally {
        uint64_t external, internal;
        size_t n_waiters;
};

struct check {
        struct engine *engine;
        struct tally *tallies; /* object->mark is the index in here plus one */
        size_t n_objects;
        struct tally nobody; /* counts for what should not be counted */
        size_t n_waiters;
        struct buffer value; /* of the object being looked at */
        const char *wrong;   /* the first contradiction */
};

/* The first contradiction is the one to tell of. */
static bool holds(struct check *c, bool condition, const char *otherwise)
{
        if (!condition && !c->wrong)
                c->wrong = otherwise;
        return condition;
}

static struct tally *tally_of(struct check *c, const struct object *object)
{
        if (!holds(c, object && object->mark && object->mark <= c->n_objects,
                   "somebody refers to an object that does not live"))
                return &c->nobody;
        return &c->tallies[object->mark - 1];
}

static uint64_t entry_number(const struct table_entry *entry)
{
        uint64_t number;

        memcpy(&number, table_entry_value(entry).data, sizeof(number));
        return number;
}

static uint64_t entry_ident(const struct table_entry *entry)
{
        uint64_t ident;

        memcpy(&ident, table_entry_key(entry).data, sizeof(ident));
        return ident;
}

/* --- the lists of objects */

static void check_objects(struct check *c)
{
        struct store *store = &c->engine->store;
        size_t n_referenced = 0, n_live = 0;

        list_for_each(node, &store->objects) {
                struct object *object = container_of(node, struct object, in_store);

                holds(c, !object->dead, "a dead object is among the living");
                holds(c, object->mark == 0, "a search for cycles has left its marks");
                holds(c, store_find(store, object->ident) == object, "an object is not found");
                n_referenced += object->n_external > 0;
                object->mark = ++n_live;
        }
        holds(c, n_live == store->n_objects, "the number of objects is wrong");
        holds(c, n_live == table_count(&store->index), "the index holds something else");
        holds(c, n_referenced == store->n_referenced, "the number of referenced objects is wrong");
        c->n_objects = n_live;
        c->tallies = calloc(n_live + 1, sizeof(*c->tallies));
        if (!c->tallies)
                abort();
        list_for_each(node, &store->dead) {
                const struct object *object = container_of(node, struct object, in_store);

                holds(c, object->dead, "a living object is among the dead");
                holds(c, object->n_external == 0, "a dead object is referred to from outside");
                holds(c, !object_has_waiters(object), "somebody waits for a dead object");
                holds(c, span_is_absent(object->name), "a dead object has a name");
        }
}

static void check_settled(struct check *c)
{
        struct store *store = &c->engine->store;

        holds(c, list_is_empty(&store->unsettled), "an object has not been settled");
        holds(c, list_is_empty(&store->notified), "an object's waiters have not been tried");
        holds(c, !c->engine->cancelled, "a cancelled call goes on");
        list_for_each(node, &store->candidates) {
                const struct object *object = container_of(node, struct object, in_suspects);

                holds(c, !object->dead, "a dead object is a candidate");
        }
        for (size_t i = 0; i < STORE_N_RECENT; ++i)
                holds(c, !store->recent[i] || !store->recent[i]->dead,
                      "a dead object was found recently");
}

/* --- who refers to them from outside */

static void count_image(struct check *c, const struct image *image)
{
        uint64_t n_references = 0;
        size_t n_sessions = 0;

        for (struct table_entry *entry = table_first(&image->references); entry;
             entry = table_next(&image->references, entry)) {
                struct object *object = store_find(&c->engine->store, entry_ident(entry));

                holds(c, entry_number(entry) > 0, "an image refers to an object zero times");
                n_references += entry_number(entry);
                tally_of(c, object)->external += entry_number(entry);
        }
        list_for_each(node, &c->engine->callers)
                n_sessions += container_of(node, struct caller, in_engine)->image == image;
        holds(c, n_references == image->n_references, "an image's references are miscounted");
        holds(c, n_sessions == image->n_sessions, "an image's sessions are miscounted");
}

static void count_processes(struct check *c)
{
        list_for_each(at_process, &c->engine->processes.list) {
                const struct process *process = container_of(at_process, struct process, in_engine);

                list_for_each(at_image, &process->images) {
                        const struct image *image =
                                container_of(at_image, struct image, in_process);

                        holds(c, image->process == process, "an image is of another process");
                        count_image(c, image);
                }
        }
}

static void count_names(struct check *c)
{
        const struct table *names = &c->engine->registry.names;
        size_t n_named = 0;

        for (struct table_entry *entry = table_first(names); entry;
             entry = table_next(names, entry)) {
                struct object *object;

                memcpy(&object, table_entry_value(entry).data, sizeof(object));
                tally_of(c, object)->external += 1;
                holds(c, span_equal(object->name, table_entry_key(entry)),
                      "a named object does not know its name");
        }
        list_for_each(node, &c->engine->store.objects)
                n_named += !span_is_absent(container_of(node, struct object, in_store)->name);
        holds(c, n_named == table_count(names), "an object has a name that leads elsewhere");
}

static void count_tickets(struct check *c)
{
        size_t n = 0;
        uint64_t before = 0;

        list_for_each(node, &c->engine->tickets.list) {
                const struct ticket *ticket = container_of(node, struct ticket, in_tickets);

                for (size_t i = 0; i < ticket->n_objects; ++i)
                        tally_of(c, ticket->objects[i])->external += 1;
                holds(c, ticket->deadline >= before, "tickets do not expire in order");
                before = ticket->deadline;
                ++n;
        }
        holds(c, n == table_count(&c->engine->tickets.index), "a ticket is not found");
}

/* --- who waits */

static void count_waiter(struct check *c, const struct caller *caller, const struct waiter *waiter)
{
        const struct object *object = waiter->line->object;
        struct tally *tally = tally_of(c, object);
        size_t n_here = 0, n_in_line = 0;

        ++c->n_waiters;
        ++tally->n_waiters;
        ++tally_of(c, waiter->invocation.object)->external;
        holds(c, waiter->invocation.caller == caller, "a call waits for another session");
        if (tally != &c->nobody) {
                list_for_each(node, &object->waiters)
                        n_here += node == &waiter->on_object;
                list_for_each(node, &waiter->line->waiters)
                        n_in_line += node == &waiter->on_line;
        }
        holds(c, n_here == 1 && n_in_line == 1, "a call does not wait once for its object");
        holds(c, waiter->invocation.numbered == (caller->plain != waiter),
              "a plain call waits beside the one that the session knows");
}

static void count_callers(struct check *c)
{
        size_t n = 0;

        list_for_each(at_caller, &c->engine->callers) {
                const struct caller *caller = container_of(at_caller, struct caller, in_engine);
                bool has_plain = false;

                ++n;
                holds(c, caller->holder.process == &caller->image->holder,
                      "a session is of another process");
                for (size_t i = 0; i < caller->n_pins; ++i)
                        tally_of(c, caller->pins[i])->external += 1;
                holds(c, caller->n_pins_written <= caller->n_pins, "more was sent than pinned");
                list_for_each(node, &caller->waiters) {
                        const struct waiter *waiter = container_of(node, struct waiter, on_caller);

                        count_waiter(c, caller, waiter);
                        has_plain |= waiter == caller->plain;
                }
                holds(c, has_plain == (caller->plain != NULL), "a session waits for nothing");
        }
        holds(c, n == c->engine->n_callers, "the number of sessions is wrong");
        holds(c, c->n_waiters == c->engine->n_parked, "the number of parked calls is wrong");
}

/* --- who refers to them from inside */

static void count_links(struct check *c, const struct object *object)
{
        for (struct table_entry *entry = table_first(&object->links); entry;
             entry = table_next(&object->links, entry)) {
                struct object *target = store_find(&c->engine->store, entry_ident(entry));

                holds(c, entry_number(entry) > 0, "an object stores a proxy zero times");
                if (target || !object->dead)
                        tally_of(c, target)->internal += entry_number(entry);
        }
}

struct stored {
        struct check *check;
        const struct object *object;
        uint64_t n;
};

static int count_stored(void *data, const struct value_token *token)
{
        struct stored *stored = data;
        struct table_key key;

        if (!store_is_own(stored->object->store, token->ident))
                return 0;
        table_key_from_bytes(&key, &stored->object->links,
                             span_of(&token->ident, sizeof(token->ident)));
        holds(stored->check, table_find(&stored->object->links, &key) != NULL,
              "a stored proxy is not counted");
        ++stored->n;
        return 0;
}

/* Of the types whose value is all they store: as many proxies are in it as are counted. */
static void check_stored(struct check *c, struct object *object)
{
        struct stored stored = { c, object, 0 };
        uint64_t n_links = 0;

        buffer_truncate(&c->value, 0);
        if (!queue_check_pack(object, &c->value)) {
                if (strcmp(object->type->name, "dict") != 0 &&
                    strcmp(object->type->name, "list") != 0 &&
                    strcmp(object->type->name, "set") != 0 &&
                    strcmp(object->type->name, "Namespace") != 0)
                        return;
                if (!holds(c, object->type->value(object, &c->value) == 0,
                           "an object's value cannot be had"))
                        return;
        }
        if (!holds(c, !c->value.failed, "there is no memory for an object's value"))
                return;
        for (struct table_entry *entry = table_first(&object->links); entry;
             entry = table_next(&object->links, entry))
                n_links += entry_number(entry);
        value_visit_tokens(buffer_span(&c->value), count_stored, &stored);
        holds(c, stored.n == n_links, "other proxies are counted than are stored");
}

static void check_queue(struct check *c, struct object *object)
{
        const char *wrong = queue_check(object);

        holds(c, !wrong, wrong);
}

/* --- the comparison */

static void compare(struct check *c)
{
        list_for_each(node, &c->engine->store.objects) {
                const struct object *object = container_of(node, struct object, in_store);
                const struct tally *tally = tally_of(c, object);
                size_t n_waiters = 0;

                list_for_each(at, &object->waiters)
                        ++n_waiters;
                holds(c, tally->external == object->n_external,
                      "references from outside are miscounted");
                holds(c, tally->internal == object->n_internal,
                      "references from inside are miscounted");
                holds(c, object->n_external + object->n_internal > 0,
                      "an object lives that nobody refers to");
                holds(c,
                      !n_waiters || strcmp(object->type->name, "list") != 0 ||
                              object->type->length(object) == 0,
                      "somebody waits for an element that is there");
                holds(c, n_waiters == tally->n_waiters, "somebody waits who is no session's");
                holds(c, n_waiters == object->n_waiters, "the waiters of an object are miscounted");
        }
}

const char *engine_check(struct engine *engine)
{
        struct check c = { .engine = engine, .value = BUFFER_NULL };
        const char *wrong;

        check_objects(&c);
        check_settled(&c);
        count_processes(&c);
        count_names(&c);
        count_tickets(&c);
        count_callers(&c);
        wrong = wait_check(engine);
        holds(&c, !wrong, wrong);
        list_for_each(node, &engine->store.dead)
                count_links(&c, container_of(node, struct object, in_store));
        list_for_each(node, &engine->store.objects) {
                count_links(&c, container_of(node, struct object, in_store));
                check_stored(&c, container_of(node, struct object, in_store));
                check_queue(&c, container_of(node, struct object, in_store));
        }
        compare(&c);
        list_for_each(node, &engine->store.objects)
                container_of(node, struct object, in_store)->mark = 0;
        free(c.tallies);
        buffer_deinit(&c.value);
        return c.wrong;
}

void engine_assert_sound(struct engine *engine)
{
        const char *wrong = engine_check(engine);

        if (!wrong)
                return;
        fprintf(stderr, "the engine's state contradicts itself: %s\n", wrong);
        abort();
}
