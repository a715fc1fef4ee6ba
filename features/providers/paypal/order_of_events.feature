@webhooks @pci-6.2.4 @cwe-362 @cwe-841 @asvs-V15.4.2 @wstg-BUSL-06
Feature: PayPal's events in any order

  PayPal does not say in which order it delivers, and tells of a refund in one event where others need three.

  @high @defect-W27 @simulator-only
  Scenario Outline: A payment and its refund, told in the order: <order>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the operator refunds the whole payment
    And the held events arrive in the order <order>
    Then the order is refunded
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | order                                                  |
      | order completed, payment succeeded, payment refunded  |
      | payment refunded, payment succeeded, order completed  |
      | payment succeeded, order completed, payment refunded  |
