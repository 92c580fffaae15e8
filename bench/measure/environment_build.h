/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this program was built from and how. The build writes it (build_id.sh) into an object that
 * is compiled last, so that a new revision does not make anything else stale.
 */
#ifndef MEASURE_ENVIRONMENT_BUILD_H
#define MEASURE_ENVIRONMENT_BUILD_H

/* The compiler, and the flags that strategies were compiled with. */
extern const char build_compiler[];
extern const char build_flags[];

/* As `git describe --always --dirty` has it, "-dirty": tracked files were changed; or NULL and why.
 */
extern const char *const build_revision;
extern const char *const build_revision_reason;

/*
 * A hash of a strategy's object without debug information: the same means the same code, whatever
 * became of comments and wherever it was built. NULL: there is none.
 */
const char *build_object_hash(const char *strategy);

/* The same of all that strategies run in: the guest, epochs, clocks. NULL: there is none. */
const char *build_frame_hash(void);

#endif
