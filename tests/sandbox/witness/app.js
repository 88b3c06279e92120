// A bot written with Slack's own framework for JavaScript: it finds the sandbox by configuration alone.
const { createRequire } = require("node:module");
const { App } = createRequire(`${process.env.WITNESS_MODULES}/`)("@slack/bolt");

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

const plain = (text) => ({ type: "plain_text", text });

app.command("/small", async ({ ack, body, client }) => {
  await ack();
  await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: "modal",
      callback_id: "form",
      private_metadata: body.channel_id,
      title: plain("A form"),
      submit: plain("Save"),
      blocks: [
        {
          type: "input",
          block_id: "name",
          label: plain("Name"),
          element: { type: "plain_text_input", action_id: "entry" },
        },
      ],
    },
  });
});

app.view("form", async ({ ack, view, client }) => {
  await ack();
  const channel = view.private_metadata;
  const name = view.state.values.name.entry.value;
  const { ts } = await client.chat.postMessage({ channel, text: `writing ${name}` });
  await client.chat.update({ channel, ts, text: `wrote ${name}` });
});

app.event("member_joined_channel", async ({ event, client }) => {
  await client.filesUploadV2({ channel_id: event.channel, filename: "welcome.txt", content: "Come in." });
});

app.start();
