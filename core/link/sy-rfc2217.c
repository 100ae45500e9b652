/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Telnet and its COM port option, the client's side. */

#include "sy-rfc2217.h"

#include <string.h>

enum {
  TELNET_SE = 240,
  TELNET_SB = 250,
  TELNET_WILL = 251,
  TELNET_WONT = 252,
  TELNET_DO = 253,
  TELNET_DONT = 254,
  TELNET_IAC = 255,
};

enum { OPTION_BINARY = 0, OPTION_SGA = 3, OPTION_COM_PORT = 44 };

enum { FROM_SERVER = 100 }; /* is added to a command that the server sends */

enum { STATE_DATA, STATE_IAC, STATE_VERB, STATE_SUB, STATE_SUB_IAC };

static gboolean is_verb(guint8 byte)
{
  return byte >= TELNET_WILL && byte <= TELNET_DONT;
}

/* One command alone may be noise. */
gboolean sy_rfc2217_is_telnet(const guint8 *bytes, gsize length)
{
  if (length < 3 || bytes[0] != TELNET_IAC || !is_verb(bytes[1]))
    return FALSE;
  return bytes[2] == OPTION_COM_PORT ||
         (length >= 6 && bytes[3] == TELNET_IAC && is_verb(bytes[4]));
}

static void put(SyRfc2217 *self, const guint8 *bytes, gsize length)
{
  if (self->out_length + length > sizeof self->out)
    return;
  memcpy(self->out + self->out_length, bytes, length);
  self->out_length += (guint)length;
}

static void put_verb(SyRfc2217 *self, guint8 verb, guint8 option)
{
  const guint8 bytes[] = {TELNET_IAC, verb, option};

  put(self, bytes, sizeof bytes);
}

void sy_rfc2217_init(SyRfc2217 *self)
{
  static const guint8 both[] = {OPTION_BINARY, OPTION_SGA};

  memset(self, 0, sizeof *self);
  for (guint n = 0; n < G_N_ELEMENTS(both); n++) {
    put_verb(self, TELNET_WILL, both[n]);
    put_verb(self, TELNET_DO, both[n]);
    self->ours[both[n]] = self->theirs[both[n]] = SY_OPTION_ASKED;
  }
  put_verb(self, TELNET_WILL, OPTION_COM_PORT);
  self->ours[OPTION_COM_PORT] = SY_OPTION_ASKED;
}

static gboolean is_wanted(guint8 option)
{
  return option == OPTION_BINARY || option == OPTION_SGA || option == OPTION_COM_PORT;
}

/* The server wants an option on, of ours (DO) or of its own (WILL). What was refused once stays so:
 * who asks again and again gets no further answer. */
static void take_yes(SyRfc2217 *self, guint8 *state, guint8 option, guint8 agree, guint8 refuse)
{
  if (*state == SY_OPTION_ASKED) {
    *state = SY_OPTION_ON;
  } else if (*state == SY_OPTION_OFF) {
    *state = is_wanted(option) ? SY_OPTION_ON : SY_OPTION_REFUSED;
    put_verb(self, is_wanted(option) ? agree : refuse, option);
  }
}

static void take_no(SyRfc2217 *self, guint8 *state, guint8 option, guint8 refuse)
{
  if (*state == SY_OPTION_ON)
    put_verb(self, refuse, option);
  if (*state != SY_OPTION_OFF)
    *state = SY_OPTION_REFUSED;
}

static void take_option(SyRfc2217 *self, guint8 option)
{
  switch (self->verb) {
  case TELNET_DO:
    take_yes(self, &self->ours[option], option, TELNET_WILL, TELNET_WONT);
    break;
  case TELNET_DONT:
    take_no(self, &self->ours[option], option, TELNET_WONT);
    break;
  case TELNET_WILL:
    take_yes(self, &self->theirs[option], option, TELNET_DO, TELNET_DONT);
    break;
  case TELNET_WONT:
  default:
    take_no(self, &self->theirs[option], option, TELNET_DONT);
  }
}

static void take_value(SyRfc2217 *self, guint command, const guint8 *bytes, guint length)
{
  guint32 value = 0;

  if (length != (command == SY_COM_BAUD_RATE ? 4 : 1))
    return;
  for (guint n = 0; n < length; n++)
    value = value << 8 | bytes[n];
  self->value[command] = value;
  self->has_value[command] = TRUE;
  if (self->unanswered[command] > 0)
    self->unanswered[command]--;
}

/* The server's own numbers, and the client's, which some servers take for flow control. */
static void take_sub(SyRfc2217 *self)
{
  guint length = self->sub_length;
  guint command;

  if (length < 2 || length > SY_RFC2217_SUB_MAX || self->sub[0] != OPTION_COM_PORT)
    return;
  command = self->sub[1] >= FROM_SERVER ? self->sub[1] - FROM_SERVER : self->sub[1];
  if (command == SY_COM_SUSPEND || command == SY_COM_RESUME)
    self->suspended = command == SY_COM_SUSPEND;
  else if (self->sub[1] >= FROM_SERVER && command > SY_COM_SIGNATURE && command <= SY_COM_PURGE)
    take_value(self, command, self->sub + 2, length - 2);
}

static void add_to_sub(SyRfc2217 *self, guint8 byte)
{
  if (self->sub_length < SY_RFC2217_SUB_MAX)
    self->sub[self->sub_length] = byte;
  self->sub_length++;
  self->state = self->sub_length < SY_RFC2217_SWALLOW ? STATE_SUB : STATE_DATA;
}

/* Behind IAC; TRUE: it was 0xFF among the data. */
static gboolean take_command(SyRfc2217 *self, guint8 byte)
{
  self->state = STATE_DATA;
  if (byte == TELNET_SB) {
    self->state = STATE_SUB;
    self->sub_length = 0;
  } else if (is_verb(byte)) {
    self->state = STATE_VERB;
    self->verb = byte;
  }
  return byte == TELNET_IAC; /* all others mean nothing on a serial line */
}

/* In a subnegotiation, behind IAC. Another command than its end is taken as it is: the end got
 * lost. */
static void take_in_sub(SyRfc2217 *self, guint8 byte)
{
  if (byte == TELNET_IAC) {
    add_to_sub(self, byte);
  } else if (byte == TELNET_SE) {
    take_sub(self);
    self->state = STATE_DATA;
  } else {
    take_command(self, byte);
  }
}

gsize sy_rfc2217_take(SyRfc2217 *self, const guint8 *bytes, gsize length, guint8 *data)
{
  gsize count = 0;

  for (gsize n = 0; n < length; n++) {
    guint8 byte = bytes[n];

    switch (self->state) {
    case STATE_IAC:
      if (take_command(self, byte))
        data[count++] = byte;
      break;
    case STATE_VERB:
      self->state = STATE_DATA;
      take_option(self, byte);
      break;
    case STATE_SUB:
      if (byte == TELNET_IAC)
        self->state = STATE_SUB_IAC;
      else
        add_to_sub(self, byte);
      break;
    case STATE_SUB_IAC:
      take_in_sub(self, byte);
      break;
    case STATE_DATA:
    default:
      if (byte == TELNET_IAC)
        self->state = STATE_IAC;
      else
        data[count++] = byte;
    }
  }
  return count;
}

SyOptionState sy_rfc2217_get_com_port(const SyRfc2217 *self)
{
  return (SyOptionState)self->ours[OPTION_COM_PORT];
}

SyOptionState sy_rfc2217_get_binary(const SyRfc2217 *self)
{
  SyOptionState ours = (SyOptionState)self->ours[OPTION_BINARY];
  SyOptionState theirs = (SyOptionState)self->theirs[OPTION_BINARY];

  if (ours == SY_OPTION_REFUSED || theirs == SY_OPTION_REFUSED)
    return SY_OPTION_REFUSED;
  return ours == SY_OPTION_ON && theirs == SY_OPTION_ON ? SY_OPTION_ON : SY_OPTION_ASKED;
}

void sy_rfc2217_ask(SyRfc2217 *self, SyComCommand command, guint32 value)
{
  const guint8 head[] = {TELNET_IAC, TELNET_SB, OPTION_COM_PORT, (guint8)command};
  const guint8 end[] = {TELNET_IAC, TELNET_SE};
  const guint8 long_value[] = {(guint8)(value >> 24), (guint8)(value >> 16), (guint8)(value >> 8),
                               (guint8)value};
  gboolean is_long = command == SY_COM_BAUD_RATE;
  guint8 message[sizeof head + 2 * sizeof long_value + sizeof end];
  gsize length = sizeof head;

  memcpy(message, head, sizeof head);
  length += sy_rfc2217_escape(long_value + (is_long ? 0 : 3), is_long ? 4 : 1, message + length);
  memcpy(message + length, end, sizeof end);
  put(self, message, length + sizeof end);
  self->unanswered[command]++;
}

const guint8 *sy_rfc2217_peek_out(const SyRfc2217 *self, gsize *length)
{
  *length = self->out_length;
  return self->out;
}

void sy_rfc2217_sent(SyRfc2217 *self, gsize length)
{
  self->out_length -= (guint)length;
  memmove(self->out, self->out + length, self->out_length);
}

gsize sy_rfc2217_escape(const guint8 *bytes, gsize length, guint8 *to)
{
  gsize count = 0;

  for (gsize n = 0; n < length; n++) {
    to[count++] = bytes[n];
    if (bytes[n] == TELNET_IAC)
      to[count++] = TELNET_IAC;
  }
  return count;
}
