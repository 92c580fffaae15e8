// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include <stdarg.h>
#include <stdio.h>

void session_stop(struct session *session, enum stop_reason reason, const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&session->stop_lock);
	if (!session_stopping(session)) {
		va_start(args, format);
		vsnprintf(session->stop_text, sizeof(session->stop_text), format, args);
		va_end(args);
		atomic_store(&session->stop, reason);
	}
	pthread_mutex_unlock(&session->stop_lock);
}
