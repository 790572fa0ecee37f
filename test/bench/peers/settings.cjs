/** Node-RED without editor, HTTP nodes, telemetry and update checks: what it spends goes into the flow. */
module.exports = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  uiPort: Number(process.env.UI_PORT),
  httpAdminRoot: false,
  httpNodeRoot: false,
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  functionExternalModules: true,
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  // "Started flows" is said at this level; nothing is logged per message.
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
