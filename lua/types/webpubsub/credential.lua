---@meta

-- Types of Microsoft Entra credentials.

---@class webpubsub.TokenCredential
---@field get_token fun(self: any, context: webpubsub.TokenContext): webpubsub.Token?, webpubsub.Error?
---@field reject? fun(self: any, text: string, now: number): boolean? the service refused this token: is it out of use?

---@class webpubsub.Token
---@field token string
---@field expires_on number epoch seconds

---@class webpubsub.TokenContext
---@field transport webpubsub.Transport
---@field deadline number of transport:now()
---@field now number epoch seconds
---@field log? fun(level: string, line: string)

---@class webpubsub.CredentialOptions
---@field scope? string
---@field timeout? number seconds for one token request with its repetitions; 30
---@field shared_dict? string inside nginx: the workers share their tokens there
---@field getenv? fun(name: string): string?

---@class webpubsub.EntraOptions: webpubsub.CredentialOptions
---@field tenant_id? string
---@field client_id? string
---@field authority? string host or https URL
---@field allow_insecure_connection? boolean plain http to a loopback authority

---@class webpubsub.ClientSecretOptions: webpubsub.EntraOptions
---@field client_secret? string

---@class webpubsub.CertificateOptions: webpubsub.EntraOptions
---@field certificate_path? string PEM or PFX file with the private key
---@field certificate_data? string the same as its content
---@field password? string of the private key or the PFX file
---@field send_certificate_chain? boolean x5c in the assertion; false
---@field algorithm? "PS256"|"RS256"

---@class webpubsub.WorkloadIdentityOptions: webpubsub.EntraOptions
---@field token_file_path? string

---@class webpubsub.ManagedIdentityOptions: webpubsub.CredentialOptions
---@field client_id? string
---@field object_id? string
---@field resource_id? string
---@field read_file? fun(path: string, limit: integer): string?, string?

---@class webpubsub.AzureDeveloperCliOptions: webpubsub.CredentialOptions
---@field tenant_id? string
---@field environment? string[] NAME=value texts for the child process

---@class webpubsub.AzureCliOptions: webpubsub.AzureDeveloperCliOptions
---@field subscription? string

---@class webpubsub.DefaultCredentialOptions: webpubsub.CredentialOptions
---@field authority? string
---@field allow_insecure_connection? boolean
---@field read_file? fun(path: string, limit: integer): string?, string?
