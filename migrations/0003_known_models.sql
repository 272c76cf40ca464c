-- Once a statement, not once a row: it costs one look at "models". The path is fixed, for pg_restore runs without one.
CREATE FUNCTION "record_models"() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	other record;
BEGIN
	INSERT INTO "models" ("name", "version", "sha256")
	SELECT DISTINCT "model_name", "model_version", "model_sha256" FROM "stored"
	ON CONFLICT DO NOTHING;

	SELECT "stored"."model_name", "stored"."model_version", "stored"."model_sha256" INTO other
	FROM "stored"
	JOIN "models" ON "models"."name" = "stored"."model_name" AND "models"."version" = "stored"."model_version"
	WHERE "models"."sha256" <> "stored"."model_sha256"
	LIMIT 1;
	IF FOUND THEN
		-- The detail is the sha256 that is refused, for the code that stores: all rows that have it are.
		RAISE EXCEPTION '% % was recorded with another sha256 before', other.model_name, other.model_version
			USING ERRCODE = 'check_violation', CONSTRAINT = 'models_one_sha256', DETAIL = other.model_sha256;
	END IF;
	RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "predictions_record_models" AFTER INSERT ON "predictions"
REFERENCING NEW TABLE AS "stored" FOR EACH STATEMENT EXECUTE FUNCTION "record_models"();
--> statement-breakpoint
-- What is there already: of a version, the sha256 that it had first.
INSERT INTO "models" ("name", "version", "sha256")
SELECT DISTINCT ON ("model_name", "model_version") "model_name", "model_version", "model_sha256"
FROM "predictions" ORDER BY "model_name", "model_version", "created_at", "id"
ON CONFLICT DO NOTHING;
