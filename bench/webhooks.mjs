// The official Express middleware in one process, which checks no signature.
import { createRequire } from "node:module";
const require = createRequire(new URL("../spec/peers/package.json", import.meta.url));
const express = require("express");
const { WebPubSubEventHandler } = require("@azure/web-pubsub-express");
const handler = new WebPubSubEventHandler("chat", {
  path: "/eventhandler",
  handleUserEvent: (request, response) => response.success(`echo ${request.data}`, "text"),
});
const app = express();
app.use(handler.getMiddleware());
app.listen(18204, "127.0.0.1", () => console.log("ready"));
