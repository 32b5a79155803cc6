/**
 * What the agenda adds to its links and forms: arrows through time and people, a booking dragged to another place, the
 * line of the present, the panel, and another desk's change taken in without moving anything under one's hands. All
 * listeners sit on the document, so that swapped parts need no set-up. What comes first here hears of an event first.
 */

import "./agenda/view.js";
import "./agenda/live.js";
import "./agenda/keys.js";
import "./agenda/clicks.js";
