"""The page that staff, coordinators and auditors use (`taizhang serve`), and the same as JSON under `/api/v1`.

It has no logic of its own: extraction through `pipeline`, data through `ledger`, Chinese words through `export/wording.py`.

Where what is:

- `app.py` puts the parts together; `settings.py` is what it is told; `server.py` has it listen.
- `visits.py`: who asks and whether they may. `roles.py`: which role has which right. `accounts.py`: passwords, sessions, tokens.
- `security.py`: headers, hosts, origins, sizes. `connections.py`, `at_once.py`: what one machine, one person can take up.
  `errors.py`: how errors are told.
- `pages/`: one module for each page, with its routes. `templates/`, `static/`: what they look like.
- `checking.py`, `marked.py`, `correcting.py`: what the page for checking shows, its source with marks and boxes, its form.
- `choosing.py`: which tasks an address asks for. `pending.py`: returned tables that wait for a yes. `charts.py`: where bars lie.
- `api/`: the routes of `/api/v1`. `reading.py`: files that are sent in.

How to add a page:

1. `pages/NAME.py` with a `router` whose routes each take a visit and so say who may use them::

       router = APIRouter(include_in_schema=False)

       @router.get("/tasks/{task_id}")
       def task(visit: Annotated[Visit, may("read")], task_id: Number) -> Response:
           return visit.show("task.html", task=visit.ledger.task(task_id))

       @router.post("/tasks/{task_id}/status")
       def set_status(visit: Annotated[Visit, may("track")], task_id: Number, status: Annotated[str, Form()]) -> Response:
           tracking.record(visit.ledger, task_id, status=status)
           return visit.redirect(f"/tasks/{task_id}", said="状态已改。")

   `may(right)` takes a right of `roles.py` (read, take_in, correct, track, export, audit, people). `visit.ledger` is open in
   the visitor's name until the answer has been sent. Write `def`, not `async def`: such routes run in threads and may wait.
   `Number` (from `pages/numbers.py`) is a number in an address. Changes are POST; they end in `visit.redirect`, which has the next page say one
   line. Add the router to `PAGES` in `app.py`; a route without `may` keeps the app from starting. A page in the menu has its
   line in `NAVIGATION` of `templating.py`. Add the route with the roles that get in to the table in `tests/test_web_roles.py`.
2. `templates/NAME.html`, which fills the blocks `title`, `main`, and where needed `main_class`, `styles`, `scripts`, of
   `layout.html`. Everything put in is escaped; never use `|safe`. At hand: `visit` (`visit.may("track")` hides what others may not
   do), `wording`, `query(unit=…, page=2)` for the part of an address behind `?`, the filters `tidy`, `issuers`, `day`, `local_time`.
   Undefined names are errors.
3. Every form has `<input type="hidden" name="csrf_token" value="{{ csrf_token }}">`; `data-confirm="确定……？"` on it asks first.
   What can be undone says so in place: `undo_form` of `templates/coordinating.html`, `static/undo.js`.
   Scripts send the token with `ask` and `send` of `static/app.js` and speak with its `say` (screen readers hear it).
   A control that does nothing without a script is sent `disabled` with `data-scripted`, and `wake` of `app.js` lets it be used
   once the page's script is there; or it is `hidden` and its script shows it. A form that sends files has a `<noscript>`.
4. Scripts and styles are files in `static/`: the policy refuses `<script>` with content, `style=` and `on…=` in the page. A
   width that is a value goes into `<progress>`, `<meter>` or an SVG attribute; scripts may set `element.style.…`. What a script
   needs to know stands in `data-…` attributes.
5. Looks come from `static/style.css`: `.head`, `.panel`, `.panel-head`, `.columns`, `.split` (two panes), `.scroll` around a
   `<table>`, `.filters`, `.toolbar`, `.actions`, `.pager`, `.facts` (`<dl>`), `.badge` and `.note` (ok, warn, bad, info), `.empty`,
   `button` (primary, danger, plain, small), `.button` for links, `.stacked` for forms, `.visually-hidden`.
   Colours are its variables (`--mark-unit` … for marks in text). What only one page has goes into a file of its own.
6. Errors need no care: a `LedgerError` is shown as its one line (404 where something is not there, 503 where the ledger is busy, else 409),
   `HTTPException(422, "……：请……。")` as its words, all on one page (`error.html`) or, under `/api/`, as `{"detail": …}`.
   A form that can be put right is shown again with its problem, status 422: see `account.html`; what the library says goes
   through `on_page` of `errors.py`, which turns commands into pages and leaves out where files lie.
7. What is sent in as a file is the body of the POST: `async with received(visit) as file`, label by `label_of` (`reading.py`), sent
   by `send` of `app.js`: see `pages/intake.py`. What is handed out to be saved: `download` of `pages/originals.py`.

Tests: `with served(tmp_path, accounts=True) as s: s.signed_in("auditor").get("/tasks")` from `tests/web_client.py`.
"""
