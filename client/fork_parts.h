/*
 * fork_parts - what registry.c and fork.c say to each other
 */
#pragma once

/* For pthread_atfork(). */
void fork_prepare(void);
void fork_parent(void);
void fork_child(void);

/* This is a child, and nobody has said so before. Only one thread calls. */
void fork_noticed(void);

/* In a child that was cloned by hand: the lock is free, whoever held it. */
void registry_free_lock(void);

/* In a child of fork(): this is an image of its own now. */
void image_renew_after_fork(void);
