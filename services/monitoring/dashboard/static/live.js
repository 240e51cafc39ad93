// Sheets: Escape or a click elsewhere closes the open one; Escape gives focus back to its button.
(() => {
  const open = () => document.querySelectorAll("details.menu[open]");
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") open().forEach((sheet) => { sheet.open = false; sheet.querySelector("summary").focus(); });
  });
  addEventListener("click", (event) => open().forEach((sheet) => { if (!sheet.contains(event.target)) sheet.open = false; }));
})();

// News. Nothing moves, nothing takes focus: the page counts what waits and marks the rows until the reader asks.
// The stream is read with fetch, because EventSource hides the keep-alive comments that tell silence from quiet.
(() => {
  const bar = document.querySelector("[data-stream]");
  if (!bar || !window.ReadableStream) return;

  const sign = document.querySelector(".live");
  const say = bar.querySelector("p");
  const show = bar.querySelector("button");
  const quiet = 45000;   // three keep-alives
  const title = document.title;
  const waiting = new Set();
  const clock = (seconds) => new Date().toLocaleTimeString("en-GB", { timeZone: bar.dataset.zone, hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined });
  let position = bar.dataset.position, heard = Date.now(), heardAt = clock(true), state = "", away = false;

  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };

  function draw() {
    const stale = Date.now() - heard > quiet;
    sign.classList.toggle("stale", stale);
    put(sign.querySelector("span"), stale ? `Not live since ${heardAt}` : `Live, ${heardAt}`);
    const next = away ? "new" : stale ? "stale" : waiting.size ? "new" : "calm";
    if (next !== state) { state = next; bar.dataset.state = next; show.hidden = next === "calm"; }
    put(show, away ? "Reload" : stale ? "Reload now" : "Show them");
    const n = waiting.size;
    put(say, away ? "You were away too long to catch up. Reload to see the list as it is now."
      : stale ? `This list may be old. Nothing has come through since ${heardAt}. Trying again.`
      : n ? `${n} ${n === 1 ? "change" : "changes"} since ${bar.dataset.since}. Rows keep their place until you ask.`
      : `No changes since ${bar.dataset.since}.`);
    document.title = n ? `(${n}) ${title}` : title;
  }

  function take(event) {
    const name = /^event: ?(.*)$/m.exec(event)?.[1], id = /^id: ?(.*)$/m.exec(event)?.[1], data = /^data: ?(.*)$/m.exec(event)?.[1];
    if (id) position = id;
    if (name === "reset") { away = true; position = JSON.parse(data).stream_position; }
    if (!data || name === "hello" || name === "reset") return;
    const { treatment } = JSON.parse(data);
    if (!treatment) return;
    waiting.add(treatment);
    const mark = document.querySelector(`[data-treatment="${CSS.escape(treatment)}"] .changed`);
    if (mark) put(mark, `changed ${clock(false)}`);
  }

  async function listen() {
    const stop = new AbortController();
    const watch = setInterval(() => { if (Date.now() - heard > quiet) stop.abort(); }, 5000);
    try {
      const answer = await fetch(bar.dataset.stream, { headers: { "Last-Event-ID": position, Accept: "text/event-stream" }, signal: stop.signal, cache: "no-store" });
      if (!answer.ok) return;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let rest = "";;) {
        const { value, done } = await reader.read();
        if (done) return;
        heard = Date.now(); heardAt = clock(true);
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        events.forEach(take);
        draw();
      }
    } catch { /* the connection is gone: the loop below comes back */ } finally { clearInterval(watch); }
  }

  (async () => { for (;;) { await listen(); await new Promise((done) => setTimeout(done, 2000)); } })();
  setInterval(draw, 1000);
  show.addEventListener("click", () => location.reload());
})();
