/*
 * engine_harness - the whole engine with sessions and processes, without sockets
 *
 * Requests and replies are real bytes; what a session is answered is given as
 * Python would print it: "#RETURN 5", "#ERROR KeyError('a')".
 */
#pragma once

#include "managerd/engine/engine.h"

struct engine_session {
        struct engine *engine;
        struct caller *caller;
        struct buffer replies;
        struct scanner scanner;
        size_t n_ready; /* how often the engine said that replies wait */
        char *text;     /* of the last reply taken */
};

/* An engine of epoch 1 with the memory and reply limits given. */
struct engine *engine_harness_new(size_t max_memory, size_t max_reply);

/* A session of the process with this number. */
void engine_session_begin(struct engine_session *s, struct engine *engine, uint64_t process);
void engine_session_end(struct engine_session *s);
void engine_session_end_at(struct engine_session *s, double now);

/* Says hello with a token of sixteen times this byte. */
void engine_session_hello(struct engine_session *s, char token);

/*
 * Sends a request; the arguments are a tuple in the notation of type_harness.h:
 * "('a', 1)". number < 0: a plain one. The time of the turn is `now` seconds.
 */
void engine_session_send(struct engine_session *s, uint64_t ident, const char *method,
                         const char *args, int number, double now);

/* The same with the options as a dict in the notation, or NULL: "{'i': 7, 'task': 'x'}". */
void engine_session_send_with(struct engine_session *s, uint64_t ident, const char *method,
                              const char *args, const char *options, double now);

/* The oldest reply that was not taken yet, as text; "" where there is none. */
const char *engine_session_take(struct engine_session *s);

/* Sends a plain request and takes its reply. */
const char *engine_session_call(struct engine_session *s, uint64_t ident, const char *method,
                                const char *args);

/* create(typeid): the new object's ident. */
uint64_t engine_session_create(struct engine_session *s, const char *args);

/* number_of_objects(), and how many objects there are at all once everything is settled. */
uint64_t engine_session_count(struct engine_session *s, const char *figure);
