/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyRfc2217: the client's side of telnet (RFC 854, 855, 856, 858) and its COM port option (RFC
 * 2217), as far as a serial line needs it. No I/O, no clock, no allocation: bytes go in, data come
 * out and what is to be sent waits in it.
 *
 * Fed whole or byte by byte it does the same. Each option is answered a few times at most, so no
 * server can keep it talking.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum {
  SY_RFC2217_OUT_MAX = 4096, /* bytes that wait to be sent; more are dropped, whole messages */
  SY_RFC2217_SUB_MAX = 64,   /* bytes of a subnegotiation; longer ones mean nothing */
  SY_RFC2217_SWALLOW = 1024, /* after so many, what is not ended was no subnegotiation */
  SY_RFC2217_VALUES = 16,    /* commands of the COM port option */
  SY_RFC2217_OPTIONS = 256,
};

/* Commands of the COM port option, RFC 2217 §2. */
typedef enum {
  SY_COM_SIGNATURE = 0,
  SY_COM_BAUD_RATE = 1,
  SY_COM_DATA_SIZE = 2,
  SY_COM_PARITY = 3,
  SY_COM_STOP_SIZE = 4,
  SY_COM_CONTROL = 5,
  SY_COM_LINE_STATE = 6,
  SY_COM_MODEM_STATE = 7,
  SY_COM_SUSPEND = 8,
  SY_COM_RESUME = 9,
  SY_COM_LINE_MASK = 10,
  SY_COM_MODEM_MASK = 11,
  SY_COM_PURGE = 12,
} SyComCommand;

enum { /* values of those */
       SY_COM_PARITY_NONE = 1,
       SY_COM_STOP_ONE = 1,
       SY_COM_NO_FLOW_CONTROL = 1,
       SY_COM_DTR_ON = 8,
       SY_COM_DTR_OFF = 9,
       SY_COM_RTS_ON = 11,
       SY_COM_RTS_OFF = 12,
       SY_COM_PURGE_BOTH = 3,
};

/* How an option stands, on one of both sides. */
typedef enum {
  SY_OPTION_OFF,
  SY_OPTION_ASKED, /* by us; no answer yet */
  SY_OPTION_ON,
  SY_OPTION_REFUSED, /* for good */
} SyOptionState;

/* Caller-owned; to be looked at by the functions only, but for what is marked. */
typedef struct {
  guint8 state, verb;
  guint8 sub[SY_RFC2217_SUB_MAX];
  guint sub_length;                                            /* what came, kept or not */
  guint8 ours[SY_RFC2217_OPTIONS], theirs[SY_RFC2217_OPTIONS]; /* SyOptionState */
  guint8 out[SY_RFC2217_OUT_MAX];
  guint out_length;
  guint unanswered[SY_RFC2217_VALUES]; /* readable: requests without an answer yet */
  guint32 value[SY_RFC2217_VALUES];    /* readable: what the server answered last */
  gboolean has_value[SY_RFC2217_VALUES];
  gboolean suspended; /* readable: the server takes no data now */
} SyRfc2217;

/* Whether a connection that begins with these bytes is to a server that speaks telnet, unasked: it
 * is about the COM port, or about two options at once. */
gboolean sy_rfc2217_is_telnet(const guint8 *bytes, gsize length);

/* What it asks for first, options and all, waits to be sent. */
void sy_rfc2217_init(SyRfc2217 *self);

/* Takes what came and writes the data in it to `data`, `length` bytes of room, which may be
 * `bytes`. Returns how many there are. */
gsize sy_rfc2217_take(SyRfc2217 *self, const guint8 *bytes, gsize length, guint8 *data);

/* Whether the server has the COM port option; ASKED while that is open. */
SyOptionState sy_rfc2217_get_com_port(const SyRfc2217 *self);
/* Bytes go through as they are, both ways: REFUSED when either is. */
SyOptionState sy_rfc2217_get_binary(const SyRfc2217 *self);

/* Asks for a value; the answer is counted in `unanswered` and `value`. */
void sy_rfc2217_ask(SyRfc2217 *self, SyComCommand command, guint32 value);

/* What is to be sent, before data; some of it may be taken. */
const guint8 *sy_rfc2217_peek_out(const SyRfc2217 *self, gsize *length);
void sy_rfc2217_sent(SyRfc2217 *self, gsize length);

/* Data as they go over the line: 0xFF twice. `to` has room for 2 * `length`; returns its length. */
gsize sy_rfc2217_escape(const guint8 *bytes, gsize length, guint8 *to);

G_END_DECLS
