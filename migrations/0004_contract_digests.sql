ALTER TABLE "models" ADD COLUMN "contract_sha256" text;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "contract_sha256" text;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_contract_sha256_format" CHECK ("models"."contract_sha256" ~ '^[0-9a-f]{64}$');