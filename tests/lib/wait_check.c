/*
 * wait_check - whether what is said of who waits and who holds contradicts itself
 */
#include "tests/lib/wait_check.h"

#include "managerd/engine/state.h"

struct wait_check {
        struct engine *engine;
        size_t n_deadlines, n_numbered, n_edges; /* of the calls that are parked */
        size_t n_held;                           /* listed holdings of those who live */
        const char *wrong;                       /* the first contradiction */
};

static bool holds(struct wait_check *c, bool condition, const char *otherwise)
{
        if (!condition && !c->wrong)
                c->wrong = otherwise;
        return condition;
}

/* --- who holds what */

static void check_holder(struct wait_check *c, const struct holder *holder)
{
        list_for_each(node, &holder->holdings) {
                const struct holding *holding = container_of(node, struct holding, on_holder);

                holds(c, holding->holder == holder, "a holding is of another holder");
                holds(c, holding_is_held(holding), "somebody holds what nobody took");
                holds(c, holding->n > 0, "somebody holds something zero times");
                c->n_held += list_is_linked(&holding->in_store);
        }
}

static void check_holders(struct wait_check *c)
{
        check_holder(c, &c->engine->processes.departed);
        list_for_each(node, &c->engine->callers)
                check_holder(c, &container_of(node, struct caller, in_engine)->holder);
        list_for_each(at_process, &c->engine->processes.list) {
                const struct process *process = container_of(at_process, struct process, in_engine);

                list_for_each(at_image, &process->images)
                        check_holder(c, &container_of(at_image, struct image, in_process)->holder);
        }
}

/* What is held stands with who holds it, or is abandoned. */
static void check_holdings(struct wait_check *c)
{
        struct store *store = &c->engine->store;
        size_t n_held = 0;

        list_for_each(node, &store->holdings) {
                const struct holding *holding = container_of(node, struct holding, in_store);
                const struct object *object = holding->object;

                holds(c, holding_is_held(holding), "what nobody took is listed as held");
                holds(c, list_is_linked(&holding->on_holder) == (holding->holder != NULL),
                      "a holding and its holder do not know each other");
                holds(c, holding->fence && holding->fence <= store->last_fence,
                      "a fencing number was never given");
                holds(c, object->dead || store_find(store, object->ident) == object,
                      "an object that does not live is held");
                n_held += holding->holder != NULL;
        }
        holds(c, n_held == c->n_held, "somebody holds a lock who does not live");
}

static void check_lock(struct wait_check *c, struct object *object)
{
        const struct lockable *lockable = object->type->lockable;
        const struct holding *holding = lockable->holding(object);
        const struct line *line = lockable->line(object);

        holds(c, holding->object == object, "a lock's holding is another object's");
        holds(c, line->object == object, "a lock's line is another object's");
        holds(c, line_is_empty(line) || holding->holder,
              "somebody waits for a lock that nobody has");
        holds(c, holding_is_held(holding) == list_is_linked(&holding->in_store),
              "a lock that is held is not listed as held");
}

/* --- who waits */

/* What the str of an object says for which somebody waits. */
static bool may_be_waited_for(struct object *object)
{
        static const struct {
                const char *type, *says;
        } types[] = {
                { "Semaphore", ": value=0>" },
                { "BoundedSemaphore", ": value=0/" },
                { "Event", ": unset>" },
                { "Barrier", ": waiters=" },
        };
        _buffer_cleanup_ struct buffer text = BUFFER_NULL;

        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
                if (strcmp(object->type->name, types[i].type) != 0)
                        continue;
                object->type->str(object, &text);
                buffer_append_byte(&text, 0);
                return !text.failed && strstr((char *)text.data, types[i].says);
        }
        return true;
}

static void check_objects(struct wait_check *c)
{
        size_t n_waited = 0, n_listed = 0;

        list_for_each(node, &c->engine->store.objects) {
                struct object *object = container_of(node, struct object, in_store);
                bool is_waited = object_has_waiters(object);

                holds(c, list_is_linked(&object->in_waited) == is_waited,
                      "an object that is waited for is not listed");
                holds(c, !is_waited || may_be_waited_for(object),
                      "somebody waits for what is there");
                if (object->type->lockable)
                        check_lock(c, object);
                n_waited += is_waited;
        }
        list_for_each(node, &c->engine->store.waited)
                ++n_listed;
        holds(c, n_waited == n_listed, "somebody waits for an object that does not live");
}

static void check_line(struct wait_check *c, const struct line *line)
{
        size_t n = 0;

        list_for_each(node, &line->waiters) {
                holds(c, container_of(node, struct waiter, on_line)->line == line,
                      "a call stands in another line than it thinks");
                ++n;
        }
        holds(c, n == line->n, "the waiters of a line are miscounted");
}

static void check_deadline(struct wait_check *c, const struct waiter *waiter)
{
        const struct deadlines *deadlines = &c->engine->deadlines;
        size_t at = waiter->in_deadlines;

        holds(c, (at == 0) == (waiter->invocation.call.deadline == CALL_NO_DEADLINE),
              "a call waits without its deadline");
        if (at == 0)
                return;
        ++c->n_deadlines;
        holds(c, at <= deadlines->n && deadlines->heap[at - 1] == waiter,
              "a deadline is not where its call thinks");
}

/* What the search for deadlocks goes by. */
static void check_edge(struct wait_check *c, const struct waiter *waiter)
{
        const struct call *call = &waiter->invocation.call;

        if (!waiter->in_edges)
                return;
        ++c->n_edges;
        holds(c, call->alone && call->deadline == CALL_NO_DEADLINE,
              "an edge is of somebody who does not wait for ever");
        holds(c, call->waits_for && call->waits_for->object == waiter->line->object,
              "an edge leads elsewhere than its call waits");
}

static void check_waiter(struct wait_check *c, const struct caller *caller,
                         const struct waiter *waiter)
{
        const struct invocation *invocation = &waiter->invocation;

        holds(c, waiter->line == invocation->call.line, "a call waits in another line");
        holds(c, invocation->call.session == &caller->holder, "a call is of another session");
        holds(c,
              !invocation->numbered || waiter_find(c->engine, caller, invocation->number) == waiter,
              "a call is not found by its number");
        c->n_numbered += waiter->in_numbers;
        check_line(c, waiter->line);
        check_deadline(c, waiter);
        check_edge(c, waiter);
}

static void check_waiters(struct wait_check *c)
{
        list_for_each(at_caller, &c->engine->callers) {
                const struct caller *caller = container_of(at_caller, struct caller, in_engine);

                list_for_each(node, &caller->waiters)
                        check_waiter(c, caller, container_of(node, struct waiter, on_caller));
        }
        holds(c, c->n_deadlines == c->engine->deadlines.n, "a deadline is nobody's");
        holds(c, c->n_numbered == table_count(&c->engine->numbers), "a number is nobody's");
        /* of two calls of one owner who promised to make only one, the later is found */
        holds(c, c->n_edges >= table_count(&c->engine->edges), "an edge is nobody's");
}

/* An edge that is found is that of the owner by whom it is. */
static void check_edges(struct wait_check *c)
{
        const struct table *edges = &c->engine->edges;

        for (struct table_entry *entry = table_first(edges); entry;
             entry = table_next(edges, entry)) {
                struct span key = table_entry_key(entry);
                const struct owner *owner;
                const struct waiter *waiter;

                memcpy(&waiter, table_entry_value(entry).data, sizeof(waiter));
                owner = &waiter->invocation.call.owner;
                holds(c, waiter->in_edges, "an edge is found that is none");
                holds(c,
                      key.size == offsetof(struct owner, task) + owner->task_size &&
                              memcmp(key.data, owner, key.size) == 0,
                      "an edge is another owner's");
        }
}

static void check_heap(struct wait_check *c)
{
        const struct deadlines *deadlines = &c->engine->deadlines;

        for (size_t i = 1; i < deadlines->n; ++i) {
                const struct waiter *parent = deadlines->heap[(i - 1) / 2];
                const struct waiter *waiter = deadlines->heap[i];
                uint64_t first = parent->invocation.call.deadline;
                uint64_t second = waiter->invocation.call.deadline;

                holds(c, first < second || (first == second && parent->input < waiter->input),
                      "a later deadline comes first");
        }
}

const char *wait_check(struct engine *engine)
{
        struct wait_check c = { .engine = engine };

        check_holders(&c);
        check_holdings(&c);
        check_objects(&c);
        check_waiters(&c);
        check_edges(&c);
        check_heap(&c);
        return c.wrong;
}
