/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a test cannot have in a build with a sanitizer. Include after cmocka.h. */
#ifndef UNIT_SANITIZERS_H
#define UNIT_SANITIZERS_H

#include <stdio.h>

/*
 * Whether a test program may take the place of malloc() and calloc(), to be out of memory when told
 * to: a sanitizer has its own, which cannot be replaced.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define REPLACE_MALLOC 0
#elif defined(__has_feature)
#define REPLACE_MALLOC !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define REPLACE_MALLOC 1
#endif

/* For a test that counts the process's threads or a thread's pages. */
static inline void skip_under_tsan(void)
{
#ifdef __SANITIZE_THREAD__
	puts("TSan has a thread of its own, and pages for each of ours");
	skip();
#endif
}

#endif
