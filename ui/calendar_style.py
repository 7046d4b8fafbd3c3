"""How the calendar draws a session: in a month two lines, time and title, then where and how full; under the pointer all."""

TWO_LINES = """
.fc-event-title, .fc-list-event-title { white-space: pre-line; }
.fc-daygrid-event {
  display: block; max-height: 2.7em; margin-block: 2px; padding: 0 4px; overflow: hidden; white-space: normal; line-height: 1.35;
  overflow-wrap: anywhere; }
.fc-daygrid-event .fc-event-title { display: inline; font-weight: 500; }
.fc-daygrid-event .fc-event-time { display: inline; margin-right: 4px; font-weight: 400; }
.fc-daygrid-event .fc-event-main-frame { display: block; }
.fc-daygrid-event-dot { display: inline-block; margin: 0 4px 0 0; vertical-align: .1em; }
.fc-daygrid-event:hover, .fc-daygrid-event:focus-visible { position: relative; z-index: 9; max-height: none; }
.fc-daygrid-event:hover.fc-daygrid-dot-event, .fc-daygrid-event:focus-visible.fc-daygrid-dot-event { background: #eef3f4; }
"""
