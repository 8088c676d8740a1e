--- The page's style.
return [=[
:root {
  --ground: #f3f5f9; --card: #ffffff; --ink: #1b2330; --soft: #566072; --line: #d5dbe6;
  --accent: #0b5cad; --on-accent: #ffffff; --message: #0b5cad; --client: #1c7a46; --request: #6b4a9e; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10141b; --card: #181e28; --ink: #e8ecf3; --soft: #a2acbd; --line: #2d3644;
    --accent: #7db8ff; --on-accent: #0b1420; --message: #7db8ff; --client: #76d39b; --request: #c7a8f5; --bad: #ff9d94;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.45 system-ui, sans-serif; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--card); padding: 8px; }
header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; padding: 16px 20px 4px; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 0 0 10px; }
h3 { font-size: .9rem; color: var(--soft); margin: 14px 0 6px; }
.live { margin: 0; color: var(--soft); font-size: .9rem; }
.live.off { color: var(--bad); }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 14px; padding: 12px 20px 24px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; min-width: 0; }
.wide-card { grid-column: 1 / -1; }
.fields { display: flex; flex-wrap: wrap; gap: 10px; align-items: end; margin: 0 0 10px; }
label { display: flex; flex-direction: column; gap: 3px; font-size: .82rem; color: var(--soft); flex: 1 1 130px; min-width: 0; }
label[hidden] { display: none; }
.wide { flex-basis: 100%; }
.check { flex: 0 0 auto; flex-direction: row; align-items: center; }
input, select, textarea, button { font: inherit; color: inherit; }
input:not([type=checkbox]), select, textarea {
  width: 100%; min-height: 38px; padding: 7px 9px; border: 1px solid var(--soft); border-radius: 6px; background: var(--ground); color: var(--ink);
}
textarea { resize: vertical; }
button { padding: 8px 14px; border: 1px solid var(--accent); border-radius: 6px; background: var(--card); color: var(--accent); cursor: pointer; }
button[type=submit] { background: var(--accent); color: var(--on-accent); }
button:disabled { opacity: .45; cursor: default; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
#client-state { margin: 0 0 12px; font-size: .9rem; overflow-wrap: anywhere; }
.bar { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin-bottom: 10px; }
.bar h2 { margin: 0 auto 0 0; }
.log { list-style: none; margin: 0; padding: 0; max-height: 180px; overflow: auto; font-size: .88rem; }
.log.tall { max-height: 420px; }
.log li { padding: 6px 4px; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.log li:first-child { border-top: 0; }
.tag { display: inline-block; min-width: 74px; font-weight: 600; }
.message .tag { color: var(--message); }
.client .tag { color: var(--client); }
.request .tag { color: var(--request); }
.failed .tag, .failed .what { color: var(--bad); }
.time, .who { color: var(--soft); margin-right: 8px; }
pre { margin: 3px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .88rem/1.4 ui-monospace, monospace; }
.empty { color: var(--soft); margin: 0; }
details { border-top: 1px solid var(--line); padding: 6px 0; }
summary { cursor: pointer; font-weight: 600; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .86rem; table-layout: fixed; }
th { text-align: left; color: var(--soft); font-weight: 500; }
td, th { padding: 4px 6px 4px 0; vertical-align: top; overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: 99px; padding: 1px 10px; font-size: .84rem; overflow-wrap: anywhere; }
@media (max-width: 720px) {
  main { grid-template-columns: minmax(0, 1fr); padding: 10px; }
  header { padding: 12px 10px 2px; }
  button { min-height: 44px; }
}
]=]
