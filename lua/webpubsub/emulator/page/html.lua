--- The page's HTML. %TOKEN% is replaced when it is served.
return [=[
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="emulator-page" content="%TOKEN%">
<meta name="color-scheme" content="light dark">
<title>Web PubSub emulator</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/_emulator/page.css">
<script src="/_emulator/page.js" defer></script>
</head>
<body>
<a class="skip" href="#passing">Skip to the messages</a>
<header>
  <h1>Web PubSub emulator</h1>
  <p class="live" id="live" role="status">Loading</p>
</header>
<main>
  <section aria-labelledby="client-title" class="card">
    <h2 id="client-title">Try a client</h2>
    <form id="connect-form" class="fields">
      <label>Hub <input id="hub" value="chat" required maxlength="128" autocapitalize="off" autocomplete="off"></label>
      <label>User <input id="user" placeholder="anonymous" maxlength="256" autocapitalize="off" autocomplete="off"></label>
      <button id="connect" type="submit">Connect</button>
    </form>
    <p id="client-state" role="status">Not connected</p>
    <form id="join-form" class="fields">
      <label>Group <input id="group" value="lobby" required maxlength="1024" autocapitalize="off" autocomplete="off"></label>
      <button id="join" type="submit" disabled>Join</button>
      <button id="leave" type="button" disabled>Leave</button>
    </form>
    <form id="send-form" class="fields">
      <label>Send as
        <select id="sender">
          <option value="client">this client, to the group</option>
          <option value="all">server, to the hub</option>
          <option value="group">server, to the group</option>
          <option value="user">server, to a user</option>
          <option value="connection">server, to a connection</option>
        </select>
      </label>
      <label id="target-label" hidden>Name <input id="target" maxlength="1024" autocapitalize="off" autocomplete="off"></label>
      <label>Type
        <select id="type"><option value="text">text</option><option value="json">JSON</option></select>
      </label>
      <label class="wide">Message <textarea id="message" rows="2" required>Hello</textarea></label>
      <button id="send" type="submit">Send</button>
    </form>
    <h3>This client hears</h3>
    <ol id="heard" class="log" aria-live="polite" aria-label="What this client hears" tabindex="0"></ol>
  </section>
  <section aria-labelledby="there-title" class="card">
    <h2 id="there-title">Who is there</h2>
    <div id="there"><p class="empty">Nobody is connected.</p></div>
  </section>
  <section aria-labelledby="passing-title" class="card wide-card" id="passing">
    <div class="bar">
      <h2 id="passing-title">What passes</h2>
      <label class="check"><input type="checkbox" id="show-requests" checked> requests</label>
      <label class="check"><input type="checkbox" id="show-clients" checked> clients</label>
      <button id="pause" type="button" aria-pressed="false">Pause</button>
      <button id="clear" type="button">Clear</button>
    </div>
    <ol id="journal" class="log tall" aria-label="Messages, clients and requests, newest first" tabindex="0"></ol>
  </section>
</main>
</body>
</html>
]=]
